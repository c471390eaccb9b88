import { afterEach, describe, expect, it } from 'vitest';
import { definePlugin, type MetricSource, Points } from '../../../core/index.ts';
import { createTestHost, type TestHost, type TestHostOptions } from '../../../core/testing/index.ts';
import metrics from '../../../plugins/metrics/index.ts';

let host: TestHost | null = null;
afterEach(async () => {
  await host?.close();
  host = null;
});

const start = async (options: Partial<TestHostOptions> = {}): Promise<TestHost> => {
  host = await createTestHost({ plugins: [metrics], ...options });
  return host;
};

const scrape = async (from: TestHost, path = '/metrics'): Promise<string[]> => {
  const { body } = await from.request('GET', path);
  return String(body).split('\n');
};

describe('the metrics', () => {
  it('count sessions by status, those that no session has included', async () => {
    const lines = await scrape(await start({ sessions: ['one', 'two'] }));
    expect(lines).toEqual(
      expect.arrayContaining([
        '# TYPE waha_sessions gauge',
        'waha_sessions{status="WORKING"} 2',
        'waha_sessions{status="FAILED"} 0',
      ]),
    );
  });

  it('count messages in and out, and events by name', async () => {
    const running = await start();
    await running.emit('message.any', { fromMe: false });
    await running.emit('message.any', { fromMe: false });
    await running.emit('message.any', { fromMe: true });
    await running.emit('message');
    expect(await scrape(running)).toEqual(
      expect.arrayContaining([
        'waha_messages_total{direction="in"} 2',
        'waha_messages_total{direction="out"} 1',
        'waha_events_total{event="message.any"} 3',
        'waha_events_total{event="message"} 1',
      ]),
    );
  });

  it('count reconnects by their reason', async () => {
    const running = await start();
    await running.disconnect('default', 'unavailable');
    expect(await scrape(running)).toContain('waha_session_reconnects_total{reason="unavailable"} 1');
    await running.clock.pass(60_000);
  });

  it('time the databases, and tell how the process is doing', async () => {
    const text = (await scrape(await start())).join('\n');
    expect(text).toMatch(/waha_store_seconds_bucket\{driver="[a-z-]+",operation="write",le="\+Inf"\} [1-9]/);
    expect(text).toMatch(/nodejs_eventloop_lag_p99_seconds \S+/);
    expect(text).toMatch(/process_resident_memory_bytes \d+/);
  });

  it('leave the process out when told to, and are served where the config says', async () => {
    const running = await start({ config: { metrics: { path: '/internal/figures', process: false } } });
    const lines = await scrape(running, '/internal/figures');
    expect(lines.some((line) => line.startsWith('nodejs_'))).toBe(false);
    expect(lines).toContain('waha_events_waiting 0');
  });

  it('have those that other plugins contribute', async () => {
    const source: MetricSource = {
      name: 'beer',
      collect: () => [{ name: 'waha_beers_total', help: 'Beers', type: 'counter', labels: { kind: 'pils' }, value: 3 }],
    };
    const beer = definePlugin({ name: 'beer', setup: ({ contribute }) => contribute(Points.Metrics, source) });
    expect(await scrape(await start({ plugins: [beer, metrics] }))).toContain('waha_beers_total{kind="pils"} 3');
  });
});
