import { describe, expect, it } from 'vitest';
import type { Database } from '../../../core/index.ts';
import { CollectionAuthStore } from '../../../core/stores/auth-store.ts';
import { type BackupsOptions, FolderBackups } from '../../../core/stores/backups.ts';
import { timeLimit } from '../../../core/stores/time-limit.ts';
import { memoryDatabase } from '../../../core/testing/memory-database.ts';
import { SimulatedClock } from '../../support/clock.ts';
import { recordingLog } from '../../support/log.ts';

const kept = (plugin: string, copyTo?: Database['copyTo']): { plugin: string; value: Database } => {
  const database = memoryDatabase();
  const value = Object.assign(Object.create(database) as Database, {
    ...{ open: database.open, batch: database.batch, close: database.close },
    copyTo,
  });
  return { plugin, value: Object.defineProperty(value, 'location', { value: `/data/${plugin}` }) };
};

const backupsOf = async (
  more: Partial<BackupsOptions>,
  ...databases: { plugin: string; value: Database }[]
): Promise<FolderBackups> => {
  const clock = new SimulatedClock();
  const auth = await CollectionAuthStore.open(memoryDatabase(), timeLimit('memory', clock, 10_000), recordingLog());
  const log = recordingLog();
  return new FolderBackups({ databases: () => databases, files: () => [], last: 'first', auth, clock, log, ...more });
};

describe('a backup', () => {
  it('copies the database of the sessions last, and leaves out what keeps nothing', async () => {
    const order: string[] = [];
    const noting = (name: string) =>
      kept(name, async () => {
        order.push(name);
      });
    const backups = await backupsOf(
      {},
      noting('first'),
      { plugin: 'memory', value: memoryDatabase() },
      noting('second'),
    );
    const { archive } = await backups.make();
    archive.destroy();
    expect(order).toEqual(['second', 'first']);
  });

  it('is one at a time, also while it is read, and one that failed or was given up is over', async () => {
    let fault: Error | null = new Error('disk full');
    const backups = await backupsOf(
      {},
      kept('sqlite', async () => {
        if (fault) throw fault;
      }),
    );
    await expect(backups.make()).rejects.toThrow('disk full');
    fault = null;
    const { archive } = await backups.make();
    await expect(backups.make()).rejects.toMatchObject({ code: 'CONFLICT', message: 'another backup is under way' });
    const ended = new Promise((resolve) => archive.once('close', resolve));
    archive.destroy();
    await ended;
    for (const _ of [1, 2, 3]) {
      const next = await backups.make();
      for await (const chunk of next.archive) expect(chunk.length).toBeGreaterThan(0);
    }
  });

  it('says where its copies are when they cannot be removed, and is over', async () => {
    const log = recordingLog();
    const remove = async () => {
      throw new Error('EBUSY');
    };
    const backups = await backupsOf(
      { log, remove },
      kept('sqlite', async () => undefined),
    );
    for (const _ of [1, 2]) {
      const { archive } = await backups.make();
      for await (const chunk of archive) expect(chunk.length).toBeGreaterThan(0);
    }
    await expect.poll(() => log.lines).toHaveLength(2);
    expect(log.lines[0]).toMatchObject({
      level: 'warn',
      message: expect.stringMatching(/^\/\S+ has a copy .*: EBUSY$/),
    });
  });

  it('names the plugin whose database is backed up by its own tools', async () => {
    const backups = await backupsOf(
      {},
      kept('sqlite', async () => undefined),
      kept('postgres'),
    );
    await expect(backups.make()).rejects.toMatchObject({
      code: 'UNPROCESSABLE',
      message: expect.stringMatching(/^what plugin 'postgres' keeps is backed up by the database's own tools/),
    });
  });
});
