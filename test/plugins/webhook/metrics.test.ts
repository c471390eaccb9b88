import { expect, it } from 'vitest';
import { webhookMetrics } from '../../../plugins/webhook/metrics.ts';
import { Counters } from '../../../plugins/webhook/queue/counters.ts';

it('tells what became of deliveries, what waits and how long attempts took', () => {
  const counters = new Counters();
  counters.observe(40, 'delivered');
  counters.observe(400, 'failed');
  counters.lags.observe(0.02);
  counters.lags.observe(7_200);
  const counts = () => ({
    ...{ delivered: 1, failed: 0, retried: 2, dropped: 0, queued: 7, inFlight: 3 },
    endpoints: { active: 1, degraded: 0, disabled: 0 },
  });
  const values = webhookMetrics('crm', { counts, counters, oldestPendingMs: 5_000 }).collect();
  const numbers = values.flatMap((value) =>
    value.type === 'histogram' ? [] : [[value.name, JSON.stringify(value.labels), value.value]],
  );
  expect(numbers).toEqual(
    expect.arrayContaining([
      ['waha_webhook_deliveries_total', '{"plugin":"crm","outcome":"delivered"}', 1],
      ['waha_webhook_retries_total', '{"plugin":"crm"}', 2],
      ['waha_webhook_failed_attempts_total', '{"plugin":"crm"}', 1],
      ['waha_webhook_oldest_pending_seconds', '{"plugin":"crm"}', 5],
      ['waha_webhook_queued', '{"plugin":"crm"}', 7],
      ['waha_webhook_in_flight', '{"plugin":"crm"}', 3],
    ]),
  );
  const seconds = values.find(({ name }) => name === 'waha_webhook_seconds');
  expect(seconds).toMatchObject({ sum: 0.44, counts: [1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2] });
  const lag = values.find(({ name }) => name === 'waha_webhook_lag_seconds');
  expect(lag).toMatchObject({ sum: 7_200.02, counts: [0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2] });
});
