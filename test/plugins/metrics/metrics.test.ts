import { afterEach, describe, expect, it } from 'vitest';
import { definePlugin, type MetricSource, Points, Tokens } from '../../../core/index.ts';
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
        'waha_sessions{worker="waha",status="WORKING"} 2',
        'waha_sessions{worker="waha",status="FAILED"} 0',
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
        'waha_messages_total{worker="waha",direction="in"} 2',
        'waha_messages_total{worker="waha",direction="out"} 1',
        'waha_events_total{worker="waha",event="message.any"} 3',
        'waha_events_total{worker="waha",event="message"} 1',
      ]),
    );
  });

  it('have the ten names of WAHA, with its worker', async () => {
    let url = '';
    const address = definePlugin({
      name: 'address',
      needs: { server: Tokens.HttpServer },
      setup({ services: { server }, onOpen }) {
        onOpen(() => {
          url = server.url ?? '';
        });
      },
    });
    const server = { use: 'express', config: { host: '127.0.0.1', port: 0, apiKey: 'a-key-of-the-test' } };
    const running = await start({ plugins: [metrics, server, 'waha-api', address], sessions: ['shop'] });
    await running.emit('message.any', {}, { session: 'shop' });
    const ask = async (path: string) =>
      (await fetch(`${url}${path}`, { headers: { 'x-api-key': 'a-key-of-the-test' } })).text();
    await ask('/api/sessions/shop');
    await ask('/api/sessions/none');
    const lines = (await ask('/metrics')).split('\n').filter((line) => line.includes('worker="waha"'));
    const path = 'method="GET",path="/api/sessions/{session}"';
    for (const [name, labels, value] of [
      ['waha_up', '', /^1$/],
      ['waha_info', 'version=', /^1$/],
      ['waha_http_requests_total', `${path},status="200"`, /^1$/],
      ['waha_http_requests_total', `${path},status="404"`, /^1$/],
      ['waha_http_request_duration_seconds_count', path, /^2$/],
      ['waha_sessions', 'status="WORKING"', /^1$/],
      ['waha_session_status', 'session="shop",status="WORKING"', /^1$/],
      ['waha_session_activity_timestamp_seconds', 'session="shop"', /^1\d{9}/],
      ['waha_session_status_change_timestamp_seconds', 'session="shop"', /^1\d{9}/],
      ['waha_messages_total', 'direction="in"', /^1$/],
      ['waha_events_total', 'event="message.any"', /^1$/],
    ] as const) {
      const found = lines.find((line) => line.startsWith(`${name}{`) && line.includes(labels));
      expect(found?.split('} ')[1], `${name} ${labels}`).toMatch(value);
    }
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
