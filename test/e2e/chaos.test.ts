import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SessionStatusPayload } from '../../core/contracts/session.ts';
import type { Session } from '../../core/session/session.ts';
import type { Disconnect } from '../../plugins/sandbox/sandbox.ts';
import { propertyRuns } from '../support/property-runs.ts';
import { World } from '../support/world.ts';

const phones: Readonly<Record<string, string>> = { ana: '4915200007001', bo: '4915200007002', cleo: '4915200007003' };
const names = Object.keys(phones);
const patience = 40_000;

let world: World;
const replaced: string[] = [];

beforeAll(async () => {
  const timings = { backoffBase: 30, backoffSlow: 30, backoffCap: 300, conflict: 100, close: 4_000 };
  world = await World.start({
    timings: { ...timings, probe: 300, probeTimeout: 2_000 },
    // A connection that is opened before a silence ends goes nowhere. A first login makes 812 keys, which takes a while.
    baileys: { connectTimeoutMs: 8_000 },
  });
  world.sandbox.on('replaced', ({ phone }) => replaced.push(phone));
  for (const name of names) await world.link(name, phones[name] ?? '');
});
afterAll(() => world.close());
beforeEach(() => world.sandbox.resetMostSockets());

const sessionOf = (name: string): Session => {
  const found = world.runtime.sessions.all().find((session) => session.name === name);
  if (!found) throw new Error(`there is no session ${name}`);
  return found;
};
const reaches = (name: string, status: string): Promise<boolean> =>
  sessionOf(name).until((it) => it.status === status, patience);

describe('trouble with the network, one kind after the other', () => {
  const loses = (name: string, from: number) =>
    world.hooks.next(
      'session.status',
      ({ session, payload }) => {
        const { status, reason } = payload as SessionStatusPayload;
        return session === name && status === 'STARTING' && reason !== 'restart_required';
      },
      from,
    );

  it.each([
    ['a cut', () => world.sandbox.disconnect('reset')],
    ['a goodbye', () => world.sandbox.disconnect('end')],
    ['503', () => world.sandbox.disconnect(503)],
    ['silence', () => world.sandbox.faults.set({ kind: 'silence' })],
    [
      'a cut, and upgrades that are refused',
      () => {
        world.sandbox.faults.set({ kind: 'refuse-upgrade', status: 503, times: 6 });
        world.sandbox.disconnect('reset');
      },
    ],
    [
      'a cut, and logins that are refused or cut off',
      () => {
        world.sandbox.faults.set({ kind: 'refuse-login', reason: 503, times: 3 });
        world.sandbox.faults.set({ kind: 'disconnect-at-login', how: 'reset', times: 3 });
        world.sandbox.disconnect('close');
      },
    ],
  ])('is over by itself: %s', async (_kind, trouble) => {
    const from = await world.mark();
    trouble();
    await Promise.all(names.map((name) => loses(name, from)));
    for (const { fault, clear } of world.sandbox.faults.list()) if (fault.kind === 'silence') clear();
    for (const name of names) expect(await reaches(name, 'WORKING')).toBe(true);
    expect(world.sandbox.stats().mostSocketsPerSession).toBe(1);
    expect(replaced).toEqual([]);
  });
});

type Step =
  | { readonly session: string; readonly do: 'start' | 'stop' | 'restart' | 'hot' | 'cold' | 'logout' }
  | { readonly session: string; readonly drop: Disconnect }
  | { readonly session: string; readonly silent: boolean };

const session = fc.constantFrom(...names);
const drops = fc.constantFrom<Disconnect>('reset', 'close', 'end', 440, 500, 503, 515, 401);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ session, do: fc.constantFrom('start', 'stop', 'restart', 'hot', 'cold') }) },
  { weight: 1, arbitrary: fc.record({ session, do: fc.constant('logout') }) },
  { weight: 5, arbitrary: fc.record({ session, drop: drops }) },
  { weight: 2, arbitrary: fc.record({ session, silent: fc.boolean() }) },
) as fc.Arbitrary<Step>;

const run = async (one: Step, index: number): Promise<void> => {
  const phone = phones[one.session] ?? '';
  if ('drop' in one) world.sandbox.disconnect(one.drop, { phone });
  if ('silent' in one && one.silent) world.sandbox.faults.set({ kind: 'silence', phone, times: 50 });
  if ('silent' in one && !one.silent) world.sandbox.faults.clear();
  if (!('do' in one)) return;
  const path = `/api/sessions/${one.session}`;
  const config = one.do === 'hot' ? { metadata: { index: `${index}` } } : { client: { deviceName: `${index}` } };
  const isUpdate = one.do === 'hot' || one.do === 'cold';
  const { status } = await (isUpdate ? world.api.put(path, { config }) : world.api.post(`${path}/${one.do}`));
  expect([200, 201, 429]).toContain(status);
};

describe('sessions under random commands and faults, over the wire', () => {
  it('never have two sockets, and end as the last command asks', { timeout: 240_000 }, async () => {
    const last = fc.tuple(...names.map(() => fc.constantFrom('start', 'stop', 'restart')));
    const steps = fc.array(step, { minLength: 15, maxLength: 30, size: 'max' });
    await fc.assert(
      fc.asyncProperty(steps, last, async (script, ends) => {
        for (const [index, one] of script.entries()) await run(one, index);
        world.sandbox.faults.clear();
        const answers = await Promise.all(
          names.map((name, index) => world.api.post(`/api/sessions/${name}/${ends[index]}`)),
        );
        for (const [index, name] of names.entries()) {
          const it = sessionOf(name);
          // A restart that came too often changes nothing: then the session goes on with what was asked before.
          const runs = answers[index]?.status === 429 ? it.record.desired === 'running' : ends[index] !== 'stop';
          const rests = () => (it.isIn('failed') ? 'FAILED' : it.me ? 'WORKING' : 'SCAN_QR_CODE');
          const reached = await it.until(() => it.status === (runs ? rests() : 'STOPPED'), patience);
          expect({ name, status: it.status, state: it.state, reached }).toMatchObject({ reached: true });
          if (answers[index]?.status !== 429) expect(it.status).not.toBe('FAILED');
        }
        expect(world.sandbox.stats().mostSocketsPerSession).toBeLessThanOrEqual(1);
        expect(replaced).toEqual([]);
      }),
      { ...propertyRuns(3), endOnFailure: true },
    );
  });

  it('leave neither socket nor device nor session behind when they are deleted', async () => {
    for (const name of names) expect((await world.api.delete(`/api/sessions/${name}`)).status).toBe(200);
    expect((await world.api.get('/api/sessions?all=true')).body).toEqual([]);
    await expect.poll(() => world.sandbox.stats().sockets).toBe(0);
  });
});
