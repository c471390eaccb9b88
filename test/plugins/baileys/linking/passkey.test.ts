import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../../core/deadline.ts';
import { Passkey } from '../../../../plugins/sandbox/linking/passkey.ts';
import type { PasskeyPolicy } from '../../../../plugins/sandbox/linking/policy.ts';
import { readQr } from '../../../../plugins/sandbox/linking/qr-code.ts';
import { type Sandbox, startSandbox } from '../../../../plugins/sandbox/sandbox.ts';
import { lines, TestSession } from '../session.ts';

let sandbox: Sandbox;
const sessions: TestSession[] = [];
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterEach(() => Promise.all(sessions.splice(0).map((session) => session.close())));
afterAll(() => sandbox.close());

let count = 0;
const asked = async (passkey: PasskeyPolicy = {}, config: object = {}) => {
  const phone = sandbox.phone(`49152000009${String(count++).padStart(2, '0')}`);
  phone.primary.policy = { passkey };
  const session = new TestSession(sandbox, { config });
  sessions.push(session);
  session.open();
  const { codes, pairing } = await session.signal('engine.qr');
  phone.primary.scan(codes[0] ?? '').catch(() => undefined);
  const { ceremony } = await session.signal('engine.passkey');
  const assertion = new Passkey(phone.number).assert(ceremony.challenge);
  return { phone, session, codes, pairing, ceremony, assertion };
};

describe('a linking by passkey', () => {
  it('proves the scanned secret, reveals the code of the phone, and links with a new secret', async () => {
    const { phone, session, codes, ceremony, assertion } = await asked();
    await ceremony.answer(assertion);
    const { code } = await session.signal('engine.passkey.code');
    expect(code).toBe(phone.primary.ceremony?.code);
    expect(phone.primary.ceremony?.proved).toBe(true);
    expect(await session.closed()).toBe('restart_required');
    const secret = JSON.parse(Buffer.from(session.auth.stored?.value ?? []).toString()).advSecretKey;
    expect(secret).not.toBe(readQr(codes[0] ?? '').advSecret);
    expect((await session.login()).me.id).toBe(`${phone.number}@c.us`);
  });

  it('confirms both notifications of WhatsApp once', async () => {
    const { session, codes, ceremony, assertion } = await asked({ withhold: 'pair-success' });
    await ceremony.answer(assertion);
    await session.signal('engine.passkey.confirmed');
    const { noiseKey } = readQr(codes[0] ?? '');
    const notices = sandbox.registrations().find((one) => one.noiseKey === noiseKey)?.notices;
    expect(notices).toContainEqual({ type: 'passkey_prologue_request', confirmed: true });
  });

  it('takes one answer at a time', async () => {
    const { ceremony, assertion } = await asked({ withhold: 'continuation' });
    const [first, second] = await Promise.allSettled([ceremony.answer(assertion), ceremony.answer(assertion)]);
    expect([first.status, second.status]).toEqual(['fulfilled', 'rejected']);
    await expect(ceremony.answer(assertion)).rejects.toMatchObject({ code: 'UNPROCESSABLE' });
  });

  it('lets no pairing code be asked for, neither during it nor on its connection afterwards', async () => {
    const { phone, session, pairing, ceremony, assertion } = await asked({ refuse: { step: 'prologue', code: 406 } });
    const refused = { code: 'UNPROCESSABLE' };
    const hellos: string[] = [];
    const unsubscribe = sandbox.on('pairing-code', (hello) => hellos.push(hello.phone));
    await expect(pairing.requestCode(phone.number)).rejects.toMatchObject(refused);
    await expect(ceremony.answer(assertion)).rejects.toThrow();
    await session.signal('engine.passkey.ended');
    await expect(pairing.requestCode(phone.number)).rejects.toMatchObject(refused);
    expect(hellos).toEqual([]);
    unsubscribe();
  });

  it('drops a pairing code that was asked for before it, and answered after it began', async () => {
    // The answer waits for the test, not for a time: a slow machine begins the ceremony late.
    const held: (() => void)[] = [];
    const delayMs = 12_345;
    const setTimeout = (action: () => void, ms: number) =>
      ms === delayMs ? held.push(action) : systemClock.setTimeout(action, ms);
    const slow = await startSandbox({ clock: { ...systemClock, setTimeout } });
    const phone = slow.phone('4915200000999');
    phone.primary.policy = { passkey: {} };
    const session = new TestSession(slow);
    session.open();
    const { codes, pairing } = await session.signal('engine.qr');
    slow.faults.set({ kind: 'slow', delayMs, times: 1 });
    const dropped = expect(pairing.requestCode(phone.number)).rejects.toMatchObject({ code: 'UNPROCESSABLE' });
    await expect.poll(() => held.length).toBe(1);
    phone.primary.scan(codes[0] ?? '').catch(() => undefined);
    const { ceremony } = await session.signal('engine.passkey');
    held[0]?.();
    await dropped;
    await ceremony.answer(new Passkey(phone.number).assert(ceremony.challenge));
    expect(await session.closed()).toBe('restart_required');
    await session.close();
    await slow.close();
  });

  it('does not answer a scan that came before', async () => {
    const { phone, session, codes, ceremony, assertion } = await asked();
    const from = session.signals.entries.length;
    await expect(ceremony.confirm()).rejects.toMatchObject({ code: 'UNPROCESSABLE' });
    expect(session.signals.entries.slice(from)).toMatchObject([{ type: 'engine.passkey.ended' }]);
    await expect(ceremony.answer(assertion)).rejects.toMatchObject({ code: 'UNPROCESSABLE' });
    expect([phone.primary.ceremony?.state, codes.length]).toEqual(['assertion', 6]);
  });

  it('leaves no secret in a log, however talkative', async () => {
    const from = lines.length;
    const { session, codes, ceremony, assertion } = await asked({}, { debug: true });
    await ceremony.answer(assertion);
    const { code } = await session.signal('engine.passkey.code');
    await session.closed();
    const text = JSON.stringify(lines.slice(from));
    const { challenge } = ceremony.challenge;
    const { signature, clientDataJSON } = assertion.response;
    const stored = JSON.parse(Buffer.from(session.auth.stored?.value ?? []).toString()).advSecretKey;
    for (const secret of [readQr(codes[0] ?? '').advSecret, stored, challenge, signature, clientDataJSON, code]) {
      expect(secret.length).toBeGreaterThan(8);
      expect(text).not.toContain(secret);
    }
  });
});
