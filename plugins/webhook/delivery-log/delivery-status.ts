import type { EventDeliveryStatus } from 'waha-runtime';
import type { Outbox } from './outbox.ts';

/** What became of events at their endpoints, by cursor. Events without a delivery are left out. */
export const deliveryStatusIn = async (
  outbox: Pick<Outbox, 'ofEvent'>,
  cursors: readonly number[],
): Promise<ReadonlyMap<number, EventDeliveryStatus>> => {
  const statuses = new Map<number, EventDeliveryStatus>();
  for (const cursor of cursors) {
    const rows = await outbox.ofEvent(cursor);
    if (rows.length === 0) continue;
    const ends = rows.flatMap(({ endedAt }) => endedAt ?? []);
    const pending = rows.some(({ state }) => state === 'pending');
    statuses.set(cursor, { pending, settledAt: ends.length > 0 ? Math.max(...ends) : null });
  }
  return statuses;
};
