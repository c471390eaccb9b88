import { describe, expect, it } from 'vitest';
import { attemptHeaders } from '../../../plugins/webhook/request/request-headers.ts';

const letter = { eventId: 'evt_1', timestamp: 1_700_000_000_123, requestId: 'r1', body: Buffer.from('{}') };
const ofDelivery = (attempt: number, sentAt: number) => ({
  ...{ 'X-Webhook-Request-Id': 'r1', 'X-Webhook-Timestamp': '1700000000123', 'X-Webhook-Attempt': String(attempt) },
  ...{ 'webhook-id': 'evt_1', 'webhook-timestamp': String(sentAt) },
  traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/),
});

describe('the headers of an attempt', () => {
  it('are those of the endpoint, and those of the delivery behind them', () => {
    const headers = attemptHeaders({ keys: [], headers: { 'X-Api-Key': 'secret' } }, letter, 1, 5_999);
    expect(Object.entries(headers)).toEqual(
      Object.entries({
        ...{ 'content-type': 'application/json', 'user-agent': 'waha-runtime', 'X-Api-Key': 'secret' },
        ...ofDelivery(1, 5),
      }),
    );
  });

  it('are signed with every key for the standard’s header, and with the first one for WAHA’s', () => {
    const signed = (...keys: string[]) => attemptHeaders({ keys, headers: {} }, letter, 1, 5_000);
    const [both, first, second] = [signed('new', 'old'), signed('new'), signed('old')];
    expect(both['webhook-signature']).toBe(`${first['webhook-signature']} ${second['webhook-signature']}`);
    expect(first['webhook-signature']).not.toBe(second['webhook-signature']);
    expect(both['X-Webhook-Hmac']).toBe(first['X-Webhook-Hmac']);
  });

  it('keep the endpoint’s own content type and user agent, however they are written', () => {
    const own = { 'Content-Type': 'text/plain', 'USER-AGENT': 'mine' };
    expect(attemptHeaders({ keys: [], headers: own }, letter, 1, 0)).toEqual({ ...own, ...ofDelivery(1, 0) });
  });

  it('share nothing with another attempt or another endpoint', () => {
    const [ana, bob] = [
      { keys: ['key'], headers: { 'X-A': '1' } },
      { keys: [], headers: { 'X-B': '2' } },
    ];
    const first = attemptHeaders(ana, letter, 1, 1_000);
    first['X-A'] = 'changed';
    const second = attemptHeaders(ana, letter, 2, 9_000);
    expect(second).toMatchObject({ 'X-A': '1', ...ofDelivery(2, 9) });
    expect(second['webhook-signature']).not.toBe(first['webhook-signature']);
    const other = attemptHeaders(bob, letter, 1, 1_000);
    expect(other).toMatchObject({ 'X-B': '2', ...ofDelivery(1, 1) });
    expect(Object.keys(other)).not.toContain('X-A');
    expect(Object.keys(other)).not.toContain('webhook-signature');
    expect(ana.headers).toEqual({ 'X-A': '1' });
  });
});
