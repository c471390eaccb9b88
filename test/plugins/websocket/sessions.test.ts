import { describe, expect, it } from 'vitest';
import type { Principal } from '../../../core/index.ts';
import { clientMetrics } from '../../../plugins/websocket/metrics.ts';
import { subscriptionOf } from '../../../plugins/websocket/subscription.ts';
import { serveEvents } from './serve-events.ts';

describe('a key that may see some sessions', () => {
  const principal: Principal = { name: 'support', sessions: ['ana', 'bob'], rights: '*', admin: false };
  const sessionsOf = (query: string) => subscriptionOf(new URLSearchParams(query), principal, { head: 0 }).sessions;

  it.each([
    ['', ['ana', 'bob']],
    ['session=*', ['ana', 'bob']],
    ['session=carl&session=*', ['ana', 'bob']],
    ['session=bob', ['bob']],
  ])('gets no others (%s)', (query, expected) => {
    expect(sessionsOf(query)).toEqual(expected);
  });

  it('is refused for another one', () => {
    expect(() => sessionsOf('session=bob,carl')).toThrow("'support' may not listen to session 'carl'");
  });
});

describe('a plugin that works for some sessions', () => {
  it('sends nothing of the others, live or out of the log', async () => {
    const { listen, publish } = await serveEvents({ sessions: { include: ['a*'] } });
    const live = await listen();
    const asking = await listen('session=bob&session=ana');
    for (const session of ['ana', 'bob', 'bob', 'alex', 'bob']) await publish('message', session);
    const late = await listen('since=0');
    await publish('message', 'bob');
    await publish('message', 'ana');
    await Promise.all([live.until(3), asking.until(2), late.until(4)]);
    for (const client of [live, asking, late]) await client.level();
    expect(live.ids).toEqual(['1', '4', '7']);
    expect(asking.ids).toEqual(['1', '7']);
    expect(late.ids).toEqual(['1', '4', '7']);
  });
});

describe('the figures', () => {
  it('are those of the health report', async () => {
    const { listen, publish, counts } = await serveEvents();
    const client = await listen();
    await publish();
    await client.until(1);
    const now = await counts();
    expect(now).toMatchObject({ status: 'up', clients: 1, behind: 0, sent: 1, bytes: client.raw[0]?.length });
    const samples = clientMetrics('ws', { counts: () => now as never }).collect();
    expect(samples.filter((sample) => 'value' in sample && sample.value > 0)).toEqual([
      expect.objectContaining({ name: 'waha_websocket_clients', type: 'gauge', labels: { sink: 'ws' }, value: 1 }),
      expect.objectContaining({ name: 'waha_websocket_frames_total', type: 'counter', value: 1 }),
      expect.objectContaining({ name: 'waha_websocket_bytes_total' }),
    ]);
  });
});
