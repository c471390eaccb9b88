import type { EventStanding } from 'waha-runtime';
import type { Outbox } from './outbox.ts';

/** What became of events at their endpoints, by cursor. Events without a delivery are left out. */
export const standingsIn = async (
  outbox: Pick<Outbox, 'ofEvent'>,
  cursors: readonly number[],
): Promise<ReadonlyMap<number, EventStanding>> => {
  const standings = new Map<number, EventStanding>();
  for (const cursor of cursors) {
    const rows = await outbox.ofEvent(cursor);
    if (rows.length === 0) continue;
    const ends = rows.flatMap(({ endedAt }) => endedAt ?? []);
    const pending = rows.some(({ state }) => state === 'pending');
    standings.set(cursor, { pending, settledAt: ends.length > 0 ? Math.max(...ends) : null });
  }
  return standings;
};
