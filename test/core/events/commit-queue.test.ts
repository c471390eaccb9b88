import { describe, expect, it, vi } from 'vitest';
import { CommitQueue } from '../../../core/events/commit-queue.ts';
import { envelope } from '../../../core/events/envelope.ts';
import { CollectionEventLog } from '../../../core/events/event-log.ts';
import type { RuntimeInfo } from '../../../core/index.ts';
import { memoryDatabase } from '../../../core/testing/memory-database.ts';
import { SimulatedClock } from '../../support/clock.ts';
import { recordingLog } from '../../support/log.ts';

const info: RuntimeInfo = { version: '1', tier: 'CORE', workerId: 'w', startedAt: 0, defaultEngine: 'NOWEB' };

/** What happened at a time (s), under a name of its own. */
const fact = (at: number, identity: string) =>
  envelope(
    {
      ...{ session: 'ana', event: 'chat.archive', payload: { id: identity }, engine: 'NOWEB' },
      ...{ identity, timestamp: at * 1000 },
    },
    info,
    0,
  );

const start = async (database = memoryDatabase()) => {
  const eventLog = await CollectionEventLog.open(database);
  const committed: string[] = [];
  const queue = new CommitQueue(eventLog, {
    ...{ log: recordingLog(), clock: new SimulatedClock(), rows: () => [] },
    committed: ({ event }) => committed.push((event.payload as { id: string }).id),
  });
  const known = vi.spyOn(eventLog, 'known');
  const add = (...facts: ReturnType<typeof fact>[]) => Promise.all(facts.map((event) => queue.add(event, true)));
  const asked = () => known.mock.calls.flatMap(([ids]) => [...ids]);
  return { database, committed, add, asked };
};

describe('facts that come again', () => {
  it('are looked for in the log only when they may be there', async () => {
    const first = await start();
    await first.add(fact(10, 'ten'), fact(20, 'twenty'));
    await first.add(fact(30, 'thirty'), fact(20, 'twenty'));
    expect(first.asked()).toEqual([]);
    const second = await start(first.database);
    await second.add(fact(40, 'forty'), fact(15, 'fifteen'), fact(10, 'ten'), fact(30, 'thirty'));
    expect(second.asked()).toEqual([fact(15, 'fifteen').id, fact(10, 'ten').id, fact(30, 'thirty').id]);
    expect([first.committed, second.committed]).toEqual([
      ['ten', 'twenty', 'thirty'],
      ['forty', 'fifteen'],
    ]);
  });

  it('are committed once, in whatever order they come and however often the process starts', async () => {
    const database = memoryDatabase();
    const all = Array.from({ length: 60 }, (_, index) => fact((index * 37) % 60, `fact ${index}`));
    const committed: string[] = [];
    for (let run = 0; run < 5; run++) {
      const world = await start(database);
      for (let step = 0; step < 40; step++)
        await world.add(...[3, 7, 11].map((by) => all[(step * by + run * 13) % 60]!));
      committed.push(...world.committed);
    }
    expect(committed.length).toBe(new Set(committed).size);
    expect(committed.length).toBeGreaterThan(50);
  });

  it('are found in the log when so many came since that they are not remembered', async () => {
    const { add, asked, committed } = await start();
    const late = fact(5_000, 'late');
    await add(late);
    for (let from = 0; from < 10_000; from += 500) {
      await add(...Array.from({ length: 500 }, (_, index) => fact(from + index, `fact ${from + index}`)));
    }
    expect(asked()).toEqual([]);
    await add(late, fact(20_000, 'newest'));
    expect(asked()).toEqual([late.id]);
    expect(committed.length).toBe(10_002);
  });
});
