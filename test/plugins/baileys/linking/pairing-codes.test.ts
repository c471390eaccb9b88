import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { safeBrowser } from '../../../../plugins/baileys/linking/companion-hello.ts';
import { type Sandbox, startSandbox } from '../../../../plugins/sandbox/sandbox.ts';
import { TestSession } from '../session.ts';

let sandbox: Sandbox;
const sessions: TestSession[] = [];
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterEach(() => Promise.all(sessions.splice(0).map((session) => session.close())));
afterAll(() => sandbox.close());

let count = 0;
const asking = async (options: ConstructorParameters<typeof TestSession>[1] = {}) => {
  const phone = sandbox.phone(`49152000008${String(count++).padStart(2, '0')}`);
  const session = new TestSession(sandbox, options);
  sessions.push(session);
  session.open();
  const { codes, pairing } = await session.signal('engine.qr');
  const { code, expiresAt } = await pairing.requestCode(phone.number);
  const renewed = async (from = 0) => {
    const signal = await session.signals.next(({ type }) => type === 'engine.code', from);
    return signal.type === 'engine.code' ? signal.code : null;
  };
  return { phone, session, codes, pairing, code, expiresAt, renewed };
};

describe('a pairing code', () => {
  it('lives from before it was asked for', async () => {
    const before = Date.now();
    sandbox.faults.set({ kind: 'slow', delayMs: 300 });
    const { expiresAt } = await asking().finally(() => sandbox.faults.clear());
    expect(expiresAt).toBeLessThanOrEqual(Date.now() - 300 + 180_000);
    expect(expiresAt).toBeGreaterThanOrEqual(before + 180_000);
  });

  it('that WhatsApp declares dead is replaced by itself, and the new one links', async () => {
    const { phone, session, code, renewed } = await asking();
    expect(phone.primary.refreshCode(false)).toBe(true);
    const next = await renewed();
    expect(next?.code).toMatch(/^[1-9A-Z]{4}-[1-9A-Z]{4}$/);
    expect(next?.code).not.toBe(code);
    await phone.enterCode(next?.code ?? '');
    expect(await session.closed()).toBe('restart_required');
    expect((await session.login()).me.id).toBe(`${phone.number}@c.us`);
  });

  it.each([
    [{ code: 400, backoff: 90 }, 90],
    [{ code: 452, backoff: 7_200 }, 7_200],
    [{ code: 429 }, 60],
    [{ code: 429, backoff: 999_999 }, 86_400],
  ])('that WhatsApp refuses with %j is not asked for again for %s s', async (refusal, seconds) => {
    const { pairing, phone } = await asking();
    const tooOften = { code: 'TOO_MANY_REQUESTS', details: { retryAfterSeconds: seconds } };
    const fault = sandbox.faults.set({ kind: 'refuse-code', phone: phone.number, ...refusal });
    await expect(pairing.requestCode(phone.number)).rejects.toMatchObject(tooOften);
    fault.clear();
    await expect(pairing.requestCode(phone.number)).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' });
  });

  it.each([400, 403, 452, 500])('that WhatsApp refuses with %i and no pause is a refusal', async (code) => {
    const { pairing, phone } = await asking();
    sandbox.faults.set({ kind: 'refuse-code', phone: phone.number, code, times: 1 });
    const refused = { code: 'WHATSAPP_REFUSED', details: { body: { code } } };
    await expect(pairing.requestCode(phone.number)).rejects.toMatchObject(refused);
    expect((await pairing.requestCode(phone.number)).code).toMatch(/^.{4}-.{4}$/);
  });

  it('that the user has to renew is told to be dead', async () => {
    const { phone, renewed } = await asking();
    phone.primary.refreshCode(true);
    expect(await renewed()).toBeNull();
  });

  it('is replaced three times at most', async () => {
    const { phone, session, renewed } = await asking();
    for (let time = 0; time < 3; time++) {
      const from = session.signals.entries.length;
      phone.primary.refreshCode(false);
      expect(await renewed(from)).not.toBeNull();
    }
    const from = session.signals.entries.length;
    phone.primary.refreshCode(false);
    expect(await renewed(from)).toBeNull();
  });

  it('is replaced when the phone says nothing after it was typed, and the QR code still links', async () => {
    const { phone, session, codes, code, renewed } = await asking({ plugin: { pairingSilenceMs: 200 } });
    phone.primary.policy = { silent: true };
    await expect(phone.enterCode(code)).rejects.toThrow('say nothing');
    const next = await renewed();
    expect(next?.code).not.toBe(code);
    phone.primary.policy = {};
    await phone.scan(codes[0] ?? '');
    expect(await session.closed()).toBe('restart_required');
  });

  it('is replaced when the phone says nothing, although WhatsApp answers pings all the while', async () => {
    const plugin = { pairingSilenceMs: 1500, keepAliveIntervalMs: 500 };
    const { phone, code, renewed } = await asking({ plugin });
    phone.primary.policy = { silent: true };
    await expect(phone.enterCode(code)).rejects.toThrow('say nothing');
    expect((await renewed())?.code).not.toBe(code);
  });

  it('that was typed wrong is dead, and the QR code still links', async () => {
    const { phone, session, codes, renewed } = await asking();
    await expect(phone.enterCode('AAAA-AAAA')).rejects.toThrow('wrong');
    expect(await renewed()).toBeNull();
    await phone.scan(codes[0] ?? '');
    expect(await session.closed()).toBe('restart_required');
  });

  it('puts a refresh of the QR codes off while it is being taken, and for good when it links', async () => {
    const { phone, session, codes, code, renewed } = await asking({ plugin: { pairingSilenceMs: 300 } });
    phone.primary.policy = { silent: true };
    const { readQr } = await import('../../../../plugins/sandbox/linking/qr-code.ts');
    const typed = phone.enterCode(code);
    await expect(typed).rejects.toThrow('say nothing');
    sandbox.refreshQr(readQr(codes[0] ?? ''), 'companion_reg_refresh');
    const types = () => session.signals.entries.map(({ type }) => type);
    expect(types()).not.toContain('engine.qr.refreshed');
    await renewed();
    expect(types()).toContain('engine.qr.refreshed');
  });

  it('is asked for under a name that WhatsApp takes, whatever the device is called', async () => {
    const { phone, session, code } = await asking({
      config: { client: { deviceName: 'Acme', browserName: 'Acme Browser' } },
    });
    await phone.enterCode(code);
    expect(await session.closed()).toBe('restart_required');
  });
});

describe('the name under which a code is asked for', () => {
  it.each([
    [
      ['Mac OS', 'Chrome', '1'],
      ['Mac OS', 'Chrome', '1'],
    ],
    [
      ['Windows', 'Edge', '1'],
      ['Windows', 'Edge', '1'],
    ],
    [
      ['My bot', 'Firefox', '1'],
      ['Mac OS', 'Firefox', '1'],
    ],
    [
      ['Linux', 'WAHA', '1'],
      ['Linux', 'Chrome', '1'],
    ],
    [
      ['', '', ''],
      ['Mac OS', 'Chrome', ''],
    ],
  ] as const)('of %j is %j', (own, safe) => {
    expect(safeBrowser(own)).toEqual(safe);
  });
});
