import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RuntimeEvent } from '../../core/index.ts';
import { Passkey } from '../../plugins/sandbox/linking/passkey.ts';
import type { LinkingPolicy } from '../../plugins/sandbox/linking/policy.ts';
import { readQr } from '../../plugins/sandbox/linking/qr-code.ts';
import type { Phone } from '../../plugins/sandbox/people/phone.ts';
import { ProcessWorld } from '../support/process-world.ts';
import { surroundings } from '../support/world.ts';

const refresh = { child: 'companion_reg_refresh', times: 1 } as const;

/** How far each session is when the process dies. Both ways lead into a passkey ceremony. */
const states: readonly { name: string; policy: LinkingPolicy; byCode?: true }[] = [
  { name: 'shown', policy: {} },
  { name: 'refreshed', policy: { refresh } },
  { name: 'required', policy: { passkey: {} } },
  { name: 'required-by-code', policy: { passkey: {} }, byCode: true },
  { name: 'answered', policy: { passkey: { withhold: 'continuation' } } },
  { name: 'confirming', policy: { passkey: { alwaysAsks: true } } },
  { name: 'awaited', policy: { passkey: { withhold: 'pair-success' } } },
  { name: 'requested', policy: {}, byCode: true },
  { name: 'replaced', policy: {}, byCode: true },
  { name: 'silent', policy: { silent: true }, byCode: true },
];

let world: ProcessWorld;
/** What must be in no log. */
const secrets = new Set<string>();

beforeAll(async () => {
  world = await ProcessWorld.startIn(await surroundings(), {}, 'trace');
});
afterAll(() => world.close());

const phoneOf = (name: string): Phone =>
  world.outside.sandbox.phone(
    `49152000090${String(states.findIndex((state) => state.name === name)).padStart(2, '0')}`,
  );

const qrOf = async (name: string): Promise<string> => {
  const { body } = await world.api.get(`/api/${name}/auth/qr?format=raw`);
  const { advSecret, noiseKey } = readQr(body.value);
  secrets.add(advSecret).add(noiseKey);
  return body.value;
};

const codeOf = async (name: string): Promise<string> => {
  const { number: phoneNumber } = phoneOf(name);
  const { status, body } = await world.api.post(`/api/${name}/auth/request-code`, { phoneNumber });
  expect([name, status, body]).toEqual([name, 201, { code: expect.any(String) }]);
  secrets.add(body.code).add(body.code.replace('-', ''));
  return body.code;
};

const status = (name: string, wanted: string, since: number): Promise<RuntimeEvent> =>
  world.outside.hooks.next('session.status', ({ session, timestamp, payload }) => {
    return session === name && timestamp >= since && (payload as { status: string }).status === wanted;
  });

const answer = async (name: string): Promise<void> => {
  const path = `/api/${name}/auth/passkey`;
  const { body: challenge } = await world.api.get(`${path}/challenge`);
  secrets.add(challenge.challenge);
  const assertion = new Passkey(phoneOf(name).number).assert(challenge, {});
  secrets.add(assertion.response.signature).add(assertion.response.clientDataJSON);
  expect((await world.api.post(path, assertion)).status).toBe(201);
};

/** Brings a session to where it is named after. */
const bring = async ({ name, policy, byCode }: (typeof states)[number]): Promise<void> => {
  const phone = phoneOf(name);
  phone.primary.policy = policy;
  await world.api.post('/api/sessions', { name, config: { debug: true } });
  if (byCode) {
    const code = await codeOf(name);
    if (name === 'replaced') expect(phone.primary.refreshCode(false)).toBe(true);
    if (name === 'silent' || policy.passkey) phone.enterCode(code).catch(() => undefined);
  } else if (name !== 'shown') phone.scan(await qrOf(name)).catch(() => undefined);
  if (policy.passkey) await status(name, 'PASSKEY_REQUIRED', 0);
  if (policy.passkey && !name.startsWith('required')) await answer(name);
  if (name === 'confirming') {
    await status(name, 'PASSKEY_CONFIRMATION_REQUIRED', 0);
    secrets.add((await world.api.get(`/api/${name}/auth/passkey/confirmation`)).body.code);
  }
};

/** Links it the way it was being linked. */
const link = async ({ name, policy, byCode }: (typeof states)[number], since: number): Promise<void> => {
  const phone = phoneOf(name);
  phone.primary.policy = policy.passkey ? { passkey: {} } : {};
  const linked = byCode ? phone.enterCode(await codeOf(name)) : phone.scan(await qrOf(name));
  linked.catch(() => undefined);
  if (policy.passkey) {
    await status(name, 'PASSKEY_REQUIRED', since);
    await answer(name);
  }
  await status(name, 'WORKING', since);
};

describe('a process that is killed while sessions are being linked', () => {
  it('shows every one of them a fresh code, and links it, with no secret in its log', {
    timeout: 240_000,
  }, async () => {
    await Promise.all(states.map(bring));
    const died = world.process.finished;
    await world.kill();
    const since = Date.now();
    await world.boot();
    await Promise.all(states.map(({ name }) => status(name, 'SCAN_QR_CODE', since)));
    await Promise.all(states.map((state) => link(state, since)));
    const { body } = await world.api.get('/api/sessions?all=true');
    const told = (body as { name: string; status: string; reason?: string }[]).map(({ name, status, reason }) => [
      name,
      status,
      reason,
    ]);
    expect(told.toSorted()).toEqual(states.map(({ name }) => [name, 'WORKING', undefined]).toSorted());
    const lived = world.process.finished;
    await world.terminate();
    const logs = (await Promise.all([died, lived])).map(({ stdout, stderr }) => stdout + stderr).join('');
    // What helps with debugging is there, so this is no empty log.
    expect(logs.includes('"level":20')).toBe(true);
    expect([...secrets].filter((secret) => logs.includes(secret))).toEqual([]);
  });
});
