import { type EventDeliveryStatus, type EventSink, type Log, sentence } from 'waha-runtime';

/**
 * What became of events everywhere, by cursor: pending while one sink still has to deliver it. A sink that cannot say
 * counts as pending.
 */
export const deliveryStatusOf = async (
  sinks: readonly EventSink[],
  cursors: readonly number[],
  log: Log,
): Promise<Map<number, EventDeliveryStatus>> => {
  const merged = new Map<number, EventDeliveryStatus>();
  for (const sink of sinks) {
    for (const [cursor, status] of await ask(sink, cursors, log)) {
      merged.set(cursor, both(merged.get(cursor), status));
    }
  }
  return merged;
};

const ask = async (
  sink: EventSink,
  cursors: readonly number[],
  log: Log,
): Promise<ReadonlyMap<number, EventDeliveryStatus>> => {
  const pending = { pending: true, settledAt: null };
  try {
    if (sink.deliveryStatus) return await sink.deliveryStatus(cursors);
    const oldest = sink.oldestNeeded?.() ?? null;
    const waiting = oldest === null ? [] : cursors.filter((cursor) => cursor >= oldest);
    return new Map(waiting.map((cursor) => [cursor, pending]));
  } catch (error) {
    log.warn({ sink: sink.name, err: sentence(error) }, 'a sink could not say what became of its events');
    return new Map(cursors.map((cursor) => [cursor, pending]));
  }
};

const both = (one: EventDeliveryStatus | undefined, other: EventDeliveryStatus): EventDeliveryStatus => {
  if (!one) return other;
  const times = [one.settledAt, other.settledAt].filter((time) => time !== null);
  return { pending: one.pending || other.pending, settledAt: times.length > 0 ? Math.max(...times) : null };
};
