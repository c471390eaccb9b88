import { describe, expect, it } from 'vitest';
import { CircuitBreaker, failuresUntilDegraded } from '../../../plugins/webhook/endpoints/circuit-breaker.ts';
import { judge } from '../../../plugins/webhook/request/attempt.ts';

const wahaLike = { retryClientErrors: true };
const strict = { retryClientErrors: false };

describe('an answer', () => {
  it.each([200, 201, 202, 204, 299])('of %i is a success', (status) => {
    expect(judge(status, undefined, 0, wahaLike)).toEqual({ outcome: 'delivered', status });
  });

  it.each([301, 302, 303, 307, 308])('of %i is a failure: nobody follows it', (status) => {
    expect(judge(status, undefined, 0, wahaLike)).toMatchObject({ outcome: 'failed', permanent: false });
  });

  it.each([400, 401, 403, 404, 422, 500, 502, 504])('of %i is tried again, as WAHA does', (status) => {
    expect(judge(status, undefined, 0, wahaLike)).toMatchObject({
      outcome: 'failed',
      permanent: false,
      throttled: false,
    });
  });

  it.each([400, 401, 403, 404, 422])('of %i is final when client errors are not tried again', (status) => {
    expect(judge(status, undefined, 0, strict)).toMatchObject({ permanent: true });
  });

  it.each([408, 425, 429, 500, 503])('of %i is never final', (status) => {
    expect(judge(status, undefined, 0, strict)).toMatchObject({ permanent: false });
  });

  it('of 410 ends the endpoint', () => {
    expect(judge(410, undefined, 0, wahaLike)).toEqual({ outcome: 'gone', status: 410 });
  });

  it.each([429, 503])('of %i with Retry-After holds the whole endpoint', (status) => {
    expect(judge(status, '7', 0, wahaLike)).toMatchObject({ retryAfterMs: 7_000, throttled: true });
  });

  it('of 500 with Retry-After holds this delivery only', () => {
    expect(judge(500, '7', 0, wahaLike)).toMatchObject({ retryAfterMs: 7_000, throttled: false });
  });
});

describe('the breaker', () => {
  const failing = (breaker: CircuitBreaker, times: number, now = 0, disableAfterMs = 0) => {
    for (let count = 0; count < times; count += 1) breaker.fail(now, disableAfterMs);
  };

  it('is degraded after several failures in a row, and active again after one success', () => {
    const breaker = new CircuitBreaker();
    failing(breaker, failuresUntilDegraded - 1);
    expect(breaker.state).toBe('active');
    failing(breaker, 1);
    expect(breaker.state).toBe('degraded');
    breaker.succeed();
    expect(breaker).toMatchObject({ state: 'active', failures: 0, clean: true });
  });

  it('forgets failures that were not in a row', () => {
    const breaker = new CircuitBreaker();
    for (let round = 0; round < 10; round += 1) {
      failing(breaker, failuresUntilDegraded - 1);
      breaker.succeed();
    }
    expect(breaker.state).toBe('active');
  });

  it('is disabled when failures last too long, and stays so', () => {
    const breaker = new CircuitBreaker();
    failing(breaker, 10, 1_000, 5_000);
    expect(breaker.state).toBe('degraded');
    failing(breaker, 1, 6_000, 5_000);
    expect(breaker.state).toBe('disabled');
    breaker.succeed();
    expect(breaker.state).toBe('disabled');
  });

  it('counts how long it fails from the first failure after a success', () => {
    const breaker = new CircuitBreaker();
    failing(breaker, 1, 1_000, 5_000);
    breaker.succeed();
    failing(breaker, 1, 8_000, 5_000);
    expect(breaker.state).toBe('active');
  });
});
