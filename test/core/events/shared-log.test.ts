import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../core/deadline.ts';
import { CommitQueue } from '../../../core/events/commit-queue.ts';
import { envelope } from '../../../core/events/envelope.ts';
import { CollectionEventLog } from '../../../core/events/event-log.ts';
import type { Change, Database, RuntimeInfo } from '../../../core/index.ts';
import { notHeld } from '../../../core/storage.ts';
import { memoryDatabase } from '../../../core/testing/memory-database.ts';
import { recordingLog } from '../../support/log.ts';

const info: RuntimeInfo = { version: '1', tier: 'CORE', workerId: 'w', startedAt: 0, defaultEngine: 'NOWEB' };
const event = (session: string, id: string) =>
  envelope(
    {
      ...{ session, event: 'chat.archive', payload: { id, archived: true, timestamp: 1 }, engine: 'NOWEB' },
      ...{ identity: id, timestamp: 1_000 },
    },
    info,
    0,
  );

/** A database as several processes have it, and what a process that commits to it sees. */
const sharing = () => {
  const database = Object.assign(memoryDatabase(), { shared: true });
  const open = async (over: Database = database, lost = new Set<string>()) => {
    const log = await CollectionEventLog.open(over, 100);
    const seen: string[] = [];
    const dropped: string[] = [];
    const nameOf = (payload: unknown) => (payload as { id: string }).id;
    const queue = new CommitQueue(log, {
      ...{ log: recordingLog(), clock: systemClock, rows: () => [] },
      committed: ({ cursor, event: { payload } }) => seen.push(`${cursor} ${nameOf(payload)}`),
      lost: async (sessions) => new Set(sessions.filter((session) => lost.has(session))),
      dropped: ({ payload }) => dropped.push(nameOf(payload)),
    });
    return { log, queue, seen, dropped, lost };
  };
  return { database, open };
};

describe('an event log that several processes share', () => {
  it('gives cursors at the commit, without gaps, whoever commits', async () => {
    const { open } = sharing();
    const [one, other] = [await open(), await open()];
    await Promise.all([
      ...['a1', 'a2', 'a3'].map((id) => one.queue.add(event('ana', id), true)),
      ...['b1', 'b2'].map((id) => other.queue.add(event('bea', id), true)),
    ]);
    await one.queue.add(event('ana', 'a4'), true);
    expect([...one.seen, ...other.seen].sort()).toEqual(['101 a1', '102 a2', '103 a3', '104 b1', '105 b2', '106 a4']);
    const read = await other.log.read({});
    expect(read.map(({ cursor, event: { seq } }) => [cursor, seq])).toEqual([
      [101, 1],
      [102, 2],
      [103, 3],
      [104, 1],
      [105, 2],
      [106, 4],
    ]);
    expect(other.log.head).toBe(105);
    await other.log.refresh();
    expect([other.log.head, other.log.tail]).toEqual([106, 100]);
    expect((await other.log.at(104))?.event.session).toBe('bea');
  });

  it('finds what was committed although nobody said so, and does not commit it again', async () => {
    const { database, open } = sharing();
    let answers = false;
    const silent: Database = {
      ...{ driver: 'silent', shared: true, close: () => database.close() },
      open: (schema) => database.open(schema),
      batch: async (changes: readonly Change[]) => {
        await database.batch(changes);
        if (!answers && changes.length > 1) {
          answers = true;
          throw new Error('the connection is lost');
        }
      },
    };
    const { queue, seen, log } = await open(silent);
    await Promise.all(['a1', 'a2'].map((id) => queue.add(event('ana', id), true)));
    expect(seen).toEqual(['101 a1', '102 a2']);
    expect(await log.read({})).toHaveLength(2);
    await queue.add(event('ana', 'a3'), true);
    expect(seen.at(-1)).toBe('103 a3');
  });

  it('refuses the events of a session that another process took, and those alone', async () => {
    const { database, open } = sharing();
    const lost = new Set<string>();
    const fenced: Database = {
      ...{ driver: 'fenced', shared: true, close: () => database.close() },
      open: (schema) => database.open(schema),
      batch: async (changes) => {
        const isOfLost = (change: Change) => 'add' in change && lost.has(String(change.add['session']));
        if (changes.some(isOfLost)) throw notHeld('fenced', 'placements', 0);
        await database.batch(changes);
      },
    };
    const { queue, seen, dropped } = await open(fenced, lost);
    await queue.add(event('ana', 'a1'), true);
    lost.add('bea');
    const outcomes = await Promise.allSettled([
      queue.add(event('bea', 'b1'), true),
      queue.add(event('ana', 'a2'), true),
      queue.add(event('bea', 'b2'), true),
      queue.add(event('ana', 'a3'), true),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled']);
    expect((outcomes[0] as PromiseRejectedResult).reason).toMatchObject({ code: 'AUTH_REVOKED' });
    expect(seen).toEqual(['101 a1', '102 a2', '103 a3']);
    expect(dropped).toEqual(['b1', 'b2']);
  });

  it('goes on with the numbers that another process gave, once it takes the session', async () => {
    const { open } = sharing();
    const [one, other] = [await open(), await open()];
    await one.queue.add(event('ana', 'a1'), true);
    await one.queue.add(event('ana', 'a2'), true);
    await other.log.take('ana');
    await other.queue.add(event('ana', 'a3'), true);
    expect((await other.log.read({})).map(({ event: { seq } }) => seq)).toEqual([1, 2, 3]);
  });
});
