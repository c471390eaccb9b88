import { describe, expect, it } from 'vitest';
import { EndpointHealth, failuresUntilDegraded } from '../../../plugins/webhook/endpoints/endpoint-health.ts';
import { judge } from '../../../plugins/webhook/request/attempt.ts';
import { SimulatedClock } from '../../support/clock.ts';

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

describe('the health of an endpoint', () => {
  const clock = new SimulatedClock();
  const failing = (health: EndpointHealth, times: number, disableAfterMs = 0): boolean =>
    Array.from({ length: times }, () => health.fail(disableAfterMs)).includes(true);

  it('is degraded after several failures in a row, and active again after one success', () => {
    const health = new EndpointHealth(clock);
    failing(health, failuresUntilDegraded - 1);
    expect(health).toMatchObject({ state: 'active', failures: failuresUntilDegraded - 1, clean: false });
    failing(health, 1);
    expect(health.state).toBe('degraded');
    health.succeed();
    expect(health).toMatchObject({ state: 'active', failures: 0, failingSince: null, clean: true });
  });

  it('forgets failures that were not in a row', () => {
    const health = new EndpointHealth(clock);
    for (let round = 0; round < 10; round += 1) {
      failing(health, failuresUntilDegraded - 1);
      health.succeed();
    }
    expect(health.state).toBe('active');
  });

  it('says when failures last too long, and stays disabled', async () => {
    const health = new EndpointHealth(clock);
    expect(failing(health, 10, 5_000)).toBe(false);
    expect(health.state).toBe('degraded');
    await clock.pass(5_000);
    expect(failing(health, 1, 5_000)).toBe(true);
    health.disable('it failed for too long');
    health.succeed();
    expect(health.state).toBe('disabled');
    health.forgive();
    expect(health).toMatchObject({ state: 'active', clean: true });
  });

  it('counts how long it fails from the first failure after a success', async () => {
    const health = new EndpointHealth(clock);
    failing(health, 1, 5_000);
    health.succeed();
    await clock.pass(7_000);
    expect(failing(health, 1, 5_000)).toBe(false);
    expect(health.failingSince).toBe(clock.now());
  });
});
