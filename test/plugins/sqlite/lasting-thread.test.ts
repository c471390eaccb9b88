import { closeSync, mkdtempSync, openSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import Libsql from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Collection, type Database, defineCollection, type RowOf } from '../../../core/index.ts';
import { openSqlite } from '../../../plugins/sqlite/open.ts';
import { SimulatedClock } from '../../support/clock.ts';
import { recordingLog } from '../../support/log.ts';

const parts = defineCollection({
  name: 'parts',
  columns: { lane: { type: 'integer' }, batch: { type: 'integer' }, part: { type: 'integer' } },
  key: ['lane', 'batch', 'part'],
});

type Part = RowOf<typeof parts>;

let folder = '';
let clock = new SimulatedClock();
let log = recordingLog();
const workers: Worker[] = [];
const keep = (worker: Worker) => void workers.push(worker);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waha-sqlite-'));
  clock = new SimulatedClock();
  log = recordingLog();
  workers.length = 0;
  process.on('worker', keep);
});
afterEach(() => {
  process.off('worker', keep);
  rmSync(folder, { recursive: true });
});

const path = () => join(folder, 'waha.db');
const open = () =>
  openSqlite({ driver: 'sqlite', folder, file: 'waha.db', synchronous: 'full', busyTimeoutMs: 0, clock, log });

/** An uncaught exception on the thread: what was asked before is in an open transaction, or not synced yet. */
const kill = async (): Promise<void> => {
  const worker = workers.at(-1);
  if (!worker) throw new Error('there is no thread');
  const exit = new Promise((resolve) => worker.once('exit', resolve));
  worker.postMessage(null);
  await exit;
};

const said = (level: string) => log.lines.filter((line) => line.level === level).map(({ message }) => message);

/** So long that the thread's death is its first one. */
const aWhile = () => clock.pass(60_000);

/** Writes batches one after the other, each again until it is acknowledged. */
const writeLane = async (database: Database, rows: Collection<Part>, lane: number, until: () => boolean) => {
  const state = { acknowledged: 0, rejected: 0 };
  while (!until()) {
    const batch = state.acknowledged;
    try {
      await database.batch([0, 1, 2].map((part) => rows.putting({ lane, batch, part })));
      state.acknowledged += 1;
    } catch {
      state.rejected += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return state;
};

describe('a thread that dies', () => {
  it('is followed by another one: what was acknowledged is there, what was asked again is there once', async () => {
    const database = await open();
    const rows = await database.open(parts);
    let over = false;
    const writing = Promise.all([0, 1, 2, 3].map((lane) => writeLane(database, rows, lane, () => over)));
    for (let death = 0; death < 8; death++) {
      await rows.put({ lane: 9, batch: death, part: 0 });
      await aWhile();
      await kill();
    }
    await rows.put({ lane: 9, batch: 8, part: 0 });
    over = true;
    const lanes = await writing;
    for (const [lane, { acknowledged }] of lanes.entries()) {
      expect(await rows.count({ lane })).toBe(acknowledged * 3);
    }
    expect(await rows.count({ lane: 9 })).toBe(9);
    expect(lanes.reduce((sum, { rejected }) => sum + rejected, 0)).toBeGreaterThan(0);
    expect(said('warn')).toHaveLength(8);
    await database.close();
  });

  it('takes with it what was asked and not answered, and says so', async () => {
    const database = await open();
    const rows = await database.open(parts);
    const dying = kill();
    const asked = rows.put({ lane: 1, batch: 1, part: 1 });
    await expect(asked).rejects.toMatchObject({ code: 'STORAGE_FAILED', message: /its thread has died/ });
    await dying;
    await rows.put({ lane: 1, batch: 1, part: 1 });
    expect(await rows.find()).toEqual([{ lane: 1, batch: 1, part: 1 }]);
    expect(said('error')).toEqual([expect.stringContaining('the thread of the database is gone')]);
    expect(said('warn')).toEqual(['the database goes on, on another thread']);
    await database.close();
  });

  it('keeps the order of what is asked while the next one starts', async () => {
    const database = await open();
    const rows = await database.open(parts);
    await kill();
    const row = { lane: 1, batch: 1, part: 1 };
    const [, found, , left] = await Promise.all([rows.put(row), rows.find(), rows.remove({}), rows.find()]);
    expect([found, left]).toEqual([[row], []]);
    await database.close();
  });

  it('lets go of the file, and closes with nothing left to do', async () => {
    const database = await open();
    await database.open(parts);
    await kill();
    await database.close();
    await (await open()).close();
    expect(said('warn')).toEqual([]);
  });

  it('again and again is followed by pauses that grow up to half a minute, in which every call fails', async () => {
    const database = await open();
    const rows = await database.open(parts);
    const pauses: number[] = [];
    for (let death = 0; death < 10; death++) {
      await kill();
      if (death > 0) await expect(rows.count()).rejects.toThrow('its thread has died');
      const [due = clock.now()] = clock.pending.values();
      pauses.push(due - clock.now());
      await clock.pass(due - clock.now());
      expect(await rows.count()).toBe(0);
    }
    expect(pauses).toEqual([0, 250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    await aWhile();
    await kill();
    expect(await rows.count()).toBe(0);
    await database.close();
    expect(clock.pending.size).toBe(0);
  });
});

/** Puts a device that cannot be synced in the place of a file that this process has open. */
const syncless = (file: string): void => {
  const links = readdirSync('/proc/self/fd').map((name) => [Number(name), linkOf(name)] as const);
  const [descriptor = -1] = links.find(([, link]) => link === file) ?? [];
  closeSync(descriptor);
  // The lowest free number is given: others are taken until it is this one.
  for (let taken = openSync('/dev/null', 'r+'); taken !== descriptor; taken = openSync('/dev/null', 'r+'));
};

const linkOf = (name: string): string => {
  try {
    return readlinkSync(`/proc/self/fd/${name}`);
  } catch {
    return '';
  }
};

describe('no other thread goes on', () => {
  it('after a failed sync', async () => {
    const database = await open();
    const rows = await database.open(parts);
    syncless(`${path()}-redo`);
    await expect(rows.put({ lane: 1, batch: 1, part: 1 })).rejects.toThrow('EINVAL');
    await kill();
    await expect(rows.put({ lane: 1, batch: 1, part: 1 })).rejects.toThrow('EINVAL');
    await aWhile();
    await expect(rows.find()).rejects.toThrow('EINVAL');
    expect(said('warn')).toEqual([]);
    await database.close();
    await expect(rows.find()).rejects.toThrow('the database is closed');
  });

  it('with a file that somebody else has had in the meantime', async () => {
    const database = await open();
    const rows = await database.open(parts);
    await rows.put({ lane: 1, batch: 1, part: 1 });
    await kill();
    const other = await open();
    await (await other.open(parts)).remove({});
    await other.close();
    await expect(rows.find()).rejects.toThrow('somebody else has had the file in the meantime');
    await aWhile();
    await expect(rows.find()).rejects.toThrow('somebody else has had the file in the meantime');
    await database.close();
  });

  it('with a file that is not there any more, or is in use', async () => {
    const database = await open();
    const rows = await database.open(parts);
    await kill();
    const other = new Libsql(path());
    other.exec('BEGIN IMMEDIATE');
    await expect(rows.find()).rejects.toThrow('database is locked');
    other.exec('ROLLBACK');
    other.close();
    rmSync(path());
    await aWhile();
    await expect(rows.find()).rejects.toThrow('somebody else has had the file in the meantime');
    await database.close();
  });
});
