import type { Distribution, Histogram, MetricSource, Sample } from 'waha-runtime';
import type { Deliveries } from './queue/deliveries.ts';

/** What one instance has delivered, what waits, and how long receivers take. */
export const webhookMetrics = (
  plugin: string,
  deliveries: Pick<Deliveries, 'counts' | 'counters' | 'oldestPendingMs'>,
): MetricSource => ({
  name: plugin,
  collect: () => {
    const { counters } = deliveries;
    const oldest = Math.round(deliveries.oldestPendingMs / 1000);
    const { delivered, failed, dropped, retried, queued, inFlight, endpoints } = deliveries.counts();
    const sample = (type: Sample['type'], name: string, help: string, value: number, labels = {}): Sample => ({
      ...{ type, name: `waha_webhook_${name}`, help, value },
      labels: { plugin, ...labels },
    });
    const ended = Object.entries({ delivered, failed, dropped }).map(([outcome, value]) =>
      sample('counter', 'deliveries_total', 'Deliveries that came to an end', value, { outcome }),
    );
    const states = Object.entries(endpoints).map(([state, value]) =>
      sample('gauge', 'endpoints', 'Endpoints with something to remember, by state', value, { state }),
    );
    return [
      ...ended,
      ...states,
      sample('counter', 'retries_total', 'Attempts after the first', retried),
      sample('counter', 'failed_attempts_total', 'Attempts that failed', counters.failedAttempts),
      sample('gauge', 'queued', 'Deliveries that wait for their first attempt or for a retry', queued),
      sample('gauge', 'oldest_pending_seconds', 'Age of the oldest delivery that waits', oldest),
      sample('gauge', 'in_flight', 'Requests under way', inFlight),
      histogram(plugin, 'seconds', 'How long attempts took', counters.durations),
      histogram(plugin, 'lag_seconds', 'From the commit of an event to its delivery', counters.lags),
    ];
  },
});

const histogram = (plugin: string, name: string, help: string, of: Histogram): Distribution => ({
  ...{ name: `waha_webhook_${name}`, help, type: 'histogram', labels: { plugin } },
  ...of.buckets,
});
