import { afterEach, describe, expect, it } from 'vitest';
import type { SessionStatusPayload } from '../../core/contracts/session.ts';
import { Passkey } from '../../plugins/sandbox/linking/passkey.ts';
import type { PasskeyPolicy } from '../../plugins/sandbox/linking/policy.ts';
import type { Phone } from '../../plugins/sandbox/people/phone.ts';
import { World, type WorldOptions } from '../support/world.ts';

let world: World | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
});

const auth = '/api/ana/auth';
const passkeyPath = `${auth}/passkey`;
let count = 0;

/** A session whose code was scanned by a phone that links by passkey. */
const scanned = async (policy: PasskeyPolicy = {}, options: WorldOptions = {}) => {
  const session = await begun(policy, options);
  await session.hooks.status('ana', 'PASSKEY_REQUIRED');
  return session;
};

/** The same, with nothing waited for. */
const begun = async (policy: PasskeyPolicy = {}, options: WorldOptions = {}) => {
  world = await World.start(options);
  const { api, hooks, sandbox } = world;
  const phone = sandbox.phone(`49152000060${String(count++).padStart(2, '0')}`);
  phone.primary.policy = { passkey: policy };
  await api.post('/api/sessions', { name: 'ana' });
  await hooks.status('ana', 'SCAN_QR_CODE');
  const { body } = await api.get(`${auth}/qr?format=raw`);
  phone.primary.scan(body.value).catch(() => undefined);
  return { ...world.outside, api, hooks, phone, scan: () => begin(phone) };
};

const begin = async (phone: Phone): Promise<void> => {
  const { api, hooks } = world as World;
  const from = await (world as World).mark();
  const { body } = await api.get(`${auth}/qr?format=raw`);
  phone.primary.scan(body.value).catch(() => undefined);
  await hooks.status('ana', 'PASSKEY_REQUIRED', from);
};

/** What the owner's browser makes of the challenge. */
const answer = async (phone: Phone, flaws = {}) => {
  const { api } = world as World;
  const { body: challenge } = await api.get(`${passkeyPath}/challenge`);
  return api.post(passkeyPath, new Passkey(phone.number).assert(challenge, flaws));
};

describe('a session that has to link by passkey', () => {
  it.each(['inside', 'asked'] as const)('is WORKING after an answer, options %s', async (options) => {
    const { api, hooks, phone } = await scanned({ options });
    const { status, body } = await api.get(`${passkeyPath}/challenge`);
    expect([status, body]).toMatchObject([200, { rpId: 'whatsapp.com', userVerification: 'required' }]);
    expect((await answer(phone)).status).toBe(201);
    await hooks.status('ana', 'WORKING');
    const passkeys = ['PASSKEY_REQUIRED', 'PASSKEY_CONFIRMATION_REQUIRED'];
    expect(hooks.statuses('ana')).toEqual(['STARTING', 'SCAN_QR_CODE', ...passkeys, 'STARTING', 'WORKING']);
    expect((await api.get(`${passkeyPath}/challenge`)).status).toBe(422);
    expect((await api.get('/api/sessions/ana/me')).body.id).toBe(`${phone.number}@c.us`);
  });

  it('after a typed code is WORKING after an answer', async () => {
    world = await World.start();
    const { api, hooks, sandbox } = world;
    const phone = sandbox.phone('4915200006100');
    phone.primary.policy = { passkey: {} };
    await api.post('/api/sessions', { name: 'ana' });
    const { body } = await api.post(`${auth}/request-code`, { phoneNumber: phone.number });
    phone.primary.enterCode(body.code).catch(() => undefined);
    await hooks.status('ana', 'PASSKEY_REQUIRED');
    expect((await answer(phone)).status).toBe(201);
    await hooks.status('ana', 'WORKING');
  });

  it('shows the code of the phone while the phone asks its owner, and takes no other one for it', async () => {
    const { api, hooks, phone } = await scanned({ alwaysAsks: true });
    await answer(phone);
    await hooks.status('ana', 'PASSKEY_CONFIRMATION_REQUIRED');
    const { body } = await api.get(`${passkeyPath}/confirmation`);
    await expect.poll(() => phone.primary.ceremony?.state).toBe('confirmation');
    expect(body.code).toBe(phone.primary.ceremony?.code);
    expect(phone.primary.ceremony?.confirm('AAAA-AAAA')).toBe(false);
    expect((await api.get('/api/sessions/ana')).body.status).toBe('PASSKEY_CONFIRMATION_REQUIRED');
    expect(phone.primary.ceremony?.confirm(body.code)).toBe(true);
    await hooks.status('ana', 'WORKING');
  });

  it('waits for the user when the config says so', async () => {
    const { api, hooks, phone } = await scanned({}, { baileys: { confirmPasskeys: true } });
    await answer(phone);
    await hooks.status('ana', 'PASSKEY_CONFIRMATION_REQUIRED');
    expect((await api.get(`${passkeyPath}/confirmation`)).body.code).toBe(phone.primary.ceremony?.code);
    expect(phone.primary.ceremony?.state).toBe('pairing');
    expect((await api.post(`${passkeyPath}/confirm`)).status).toBe(201);
    await hooks.status('ana', 'WORKING');
  });

  it('refuses a wrong answer before it is spent, and takes the right one afterwards', async () => {
    const { hooks, phone } = await scanned();
    const refused = await answer(phone, { origin: 'https://web.example.org' });
    expect([refused.status, refused.body.message]).toEqual([422, expect.stringContaining('clientDataJSON')]);
    const malformed = await (world as World).api.post(passkeyPath, { id: 'x' });
    expect(malformed.status).toBe(400);
    expect(phone.primary.ceremony?.problem).toBeUndefined();
    expect((await answer(phone)).status).toBe(201);
    await hooks.status('ana', 'WORKING');
  });

  it.each([
    ['options', 0],
    ['ref', 422],
    ['prologue', 422],
    ['nonce', 201],
    ['pairing', 201],
  ] as const)(
    'whose request %s is refused shows a fresh code with the reason, and links at the second try',
    async (step, code) => {
      const { api, hooks, phone, scan } = await begun({ refuse: { step, code: 406 }, options: 'asked' });
      if (code !== 0) {
        await hooks.status('ana', 'PASSKEY_REQUIRED');
        expect((await answer(phone)).status).toBe(code);
      }
      await hooks.next('session.status', isFresh('passkey_refused'));
      expect((await api.get('/api/sessions/ana')).body).toMatchObject({
        reason: 'passkey_refused',
        note: expect.any(String),
      });
      await scan();
      expect((await answer(phone)).status).toBe(201);
      await hooks.status('ana', 'WORKING');
      expect((await api.get('/api/sessions/ana')).body.reason).toBeUndefined();
    },
  );

  it('whose phone sends what cannot be read shows a fresh code with the reason', async () => {
    const { hooks, phone } = await scanned({ malformed: true });
    await answer(phone);
    await hooks.next('session.status', isFresh('passkey_refused'));
  });

  it.each(['continuation', 'pair-success'] as const)(
    'whose %s never comes shows a fresh code in time, and links with it',
    async (withhold) => {
      const { hooks, phone } = await scanned({ withhold }, { timings: { passkeyPhone: 500 } });
      await answer(phone);
      await hooks.next('session.status', isFresh('passkey_timeout'));
      phone.primary.policy = {};
      const { body } = await (world as World).api.get(`${auth}/qr?format=raw`);
      await phone.scan(body.value);
      await hooks.status('ana', 'WORKING');
    },
  );

  it('that nobody answers shows a fresh code in time, then fails with the reason', async () => {
    const { api, hooks } = await scanned({}, { timings: { passkey: 500, qr: [2_000, 500] } });
    await hooks.next('session.status', isFresh('passkey_timeout'));
    const failed = await hooks.status('ana', 'FAILED');
    expect(failed.payload).toMatchObject({ reason: 'passkey_timeout' });
    expect((await api.get(`${passkeyPath}/challenge`)).status).toBe(422);
  });
});

describe('a process that starts again during a linking by passkey', () => {
  it.each(['required', 'answered', 'confirming'] as const)(
    'asks to scan, and is WORKING after it: %s',
    async (state) => {
      const policy: PasskeyPolicy = state === 'answered' ? { withhold: 'continuation' } : { alwaysAsks: true };
      const { hooks, phone } = await scanned(policy);
      if (state !== 'required') expect((await answer(phone)).status).toBe(201);
      if (state === 'confirming') await hooks.status('ana', 'PASSKEY_CONFIRMATION_REQUIRED');
      const from = await (world as World).mark();
      await (world as World).reboot();
      await hooks.status('ana', 'SCAN_QR_CODE', from);
      phone.primary.policy = { passkey: {} };
      await begin(phone);
      expect((await answer(phone)).status).toBe(201);
      await hooks.status('ana', 'WORKING', from);
    },
  );
});

describe('the helper page', () => {
  it('is served with its script, and without a secret or a foreign source', async () => {
    world = await World.start();
    const page = await world.api.get('/passkey/');
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.headers.get('content-security-policy')).toContain("'self'");
    const script = await fetch(`${world.api.url}/passkey/page.js`);
    expect(await script.text()).toContain('navigator.credentials.get');
  });
});

const isFresh = (reason: string) => (event: { payload: unknown }) => {
  const { status, reason: why } = event.payload as SessionStatusPayload;
  return status === 'SCAN_QR_CODE' && why === reason;
};
