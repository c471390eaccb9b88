import type { EventFilter, EventSink } from '../../core/contracts/events.ts';
import { type BusOptions, FanOutBus } from '../../core/events/bus.ts';

const info = { version: '1.2.3', tier: 'CORE' as const, workerId: 'w', startedAt: 0, defaultEngine: 'NOWEB' };

/** A bus on this log, and the way to set what plugins contribute. */
export const busOn = (options: Omit<BusOptions, 'lists' | 'info'>) => {
  const contributed = <T>(values: readonly T[]) => values.map((value) => ({ plugin: 'test', value }));
  let filters = contributed<EventFilter>([]);
  let sinks = contributed<EventSink>([]);
  const bus = new FanOutBus({ ...options, info, lists: { filters: () => filters, sinks: () => sinks } });
  const connect = (newFilters: readonly EventFilter[], newSinks: readonly EventSink[]): void => {
    filters = contributed(newFilters);
    sinks = contributed(newSinks);
  };
  return { bus, connect };
};
