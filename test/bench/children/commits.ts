import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Libsql from 'libsql';
import { systemClock } from '../../../core/deadline.ts';
import { FanOutBus } from '../../../core/events/bus.ts';
import { CollectionEventLog } from '../../../core/events/event-log.ts';
import { createLog } from '../../../core/log.ts';
import { openSqlite } from '../../../plugins/sqlite/open.ts';
import { serve } from './serve.ts';

const folder = mkdtempSync(join(tmpdir(), 'waha-bench-commits-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const payload = { id: 'false_5511988887777@c.us_3EB0', body: 'hello', _data: 'x'.repeat(700) };

const bare = new Libsql(join(folder, 'bare.db'));
bare.pragma('journal_mode = WAL');
bare.pragma('synchronous = FULL');
bare.exec('CREATE TABLE events (cursor INTEGER PRIMARY KEY, body TEXT)');
const insert = bare.prepare('INSERT INTO events VALUES (?, ?)');
let cursor = 0;

const database = await openSqlite({
  driver: 'sqlite',
  folder,
  file: 'ours.db',
  synchronous: 'full',
  clock: systemClock,
});
const info = { version: '0', tier: 'CORE' as const, workerId: 'bench', startedAt: 0, defaultEngine: 'NOWEB' };
const bus = new FanOutBus({
  eventLog: await CollectionEventLog.open(database),
  lists: { filters: () => [], sinks: () => [] },
  info,
  clock: systemClock,
  log: createLog({ level: 'silent', format: 'json' }),
});

const perSecond = async (count: number, inFlight: number, one: () => unknown): Promise<{ perSecond: number }> => {
  let left = count;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await one();
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: inFlight }, worker));
  return { perSecond: count / ((performance.now() - began) / 1000) };
};

interface Commits {
  readonly count: number;
  readonly inFlight: number;
}

serve({
  /** One durable row after the other, as a program with libsql alone would write them. */
  bare: ({ count, inFlight }: Commits) =>
    perSecond(count, inFlight, () => insert.run(++cursor as never, JSON.stringify(payload) as never)),
  ours: async ({ count, inFlight }: Commits) => {
    const publication = { session: 'bench', event: 'group.join', payload, engine: 'NOWEB' } as const;
    return perSecond(count, inFlight, () => bus.publish(publication));
  },
});
