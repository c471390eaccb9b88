import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../../../plugins/sandbox/sandbox.ts';
import { TestSession } from '../session.ts';

let sandbox: Sandbox;
const sessions: TestSession[] = [];
const newSession = (options: ConstructorParameters<typeof TestSession>[1] = {}) => {
  const session = new TestSession(sandbox, options);
  sessions.push(session);
  return session;
};

beforeAll(async () => {
  sandbox = await startSandbox();
});
afterEach(async () => {
  sandbox.faults.clear();
  await Promise.all(sessions.splice(0).map((session) => session.close()));
});
afterAll(() => sandbox.close());

describe('linking by QR code', () => {
  it('announces all codes of the connection at once', async () => {
    const session = newSession();
    session.open();
    const { codes } = await session.signal('engine.qr');
    expect(new Set(codes).size).toBe(6);
    for (const code of codes)
      expect(code).toMatch(/^https:\/\/wa\.me\/settings\/linked_devices#[^,]+,[^,]+,[^,]+,[^,]+,1$/);
  });

  it('links, is asked to reconnect, and opens with the same credentials', async () => {
    const session = newSession();
    session.open();
    const { codes } = await session.signal('engine.qr');
    await sandbox.phone('4915200000001', { name: 'Anna' }).scan(codes[5] ?? '');
    expect((await session.signal('engine.linked')).me).toMatchObject({ id: '4915200000001@c.us' });
    expect(await session.signal('engine.closed')).toMatchObject({ reason: 'restart_required', code: 515 });
    expect(session.auth.stored?.linked).toBe(true);

    const { me, client } = await session.login();
    expect(me).toMatchObject({ id: '4915200000001@c.us', jid: '4915200000001:1@s.whatsapp.net' });
    expect(me.lid).toMatch(/^\d+@lid$/);
    expect(client.me()?.id).toBe('4915200000001@c.us');
    // Usually known by now; else it comes by `engine.me`.
    if (me.pushName === '') expect((await session.signal('engine.me')).me.pushName).toBe('Anna');
    expect(client.me()?.pushName).toBe('Anna');
    expect(sandbox.stats().mostSocketsPerSession).toBe(1);
  });
});

describe('WhatsApp that never asks for the reconnect', () => {
  it('is not waited for longer than configured', async () => {
    const phone = '4915200000002';
    sandbox.faults.set({ kind: 'no-restart' });
    const session = newSession({ plugin: { restartTimeoutMs: 100 } });
    session.open();
    const { codes } = await session.signal('engine.qr');
    await sandbox.phone(phone).scan(codes[0] ?? '');
    expect(await session.closed()).toBe('restart_required');
    sandbox.faults.clear();
    expect((await session.login()).me.id).toBe(`${phone}@c.us`);
  });
});

describe('linking by a code', () => {
  it('hands out a code that the phone takes', async () => {
    const phone = '4915200000003';
    const session = newSession();
    session.open();
    const { pairing } = await session.signal('engine.qr');
    const { code, expiresAt } = await pairing.requestCode(`+${phone}`);
    expect(code).toMatch(/^[1-9A-Z]{4}-[1-9A-Z]{4}$/);
    expect(expiresAt).toBeGreaterThan(Date.now());
    await sandbox.phone(phone).enterCode(code);
    expect(await session.closed()).toBe('restart_required');
    expect((await session.login()).me.id).toBe(`${phone}@c.us`);
  });

  it('shows QR codes again after a pairing that did not finish', async () => {
    const phone = '4915200000004';
    const session = newSession();
    session.open();
    const { pairing } = await session.signal('engine.qr');
    await pairing.requestCode(phone);
    await expect(sandbox.phone(phone).enterCode('AAAA-AAAA')).rejects.toThrow('wrong');
    sandbox.disconnect('reset');
    expect(await session.closed()).toBe('network');
    session.open();
    const { codes } = await session.signal('engine.qr');
    await sandbox.phone(phone).scan(codes[0] ?? '');
    expect(await session.closed()).toBe('restart_required');
  });

  it('refuses what is no phone number, and a connection that is gone', async () => {
    const session = newSession();
    session.open();
    const { pairing } = await session.signal('engine.qr');
    await expect(pairing.requestCode('abc')).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    await session.close();
    await expect(pairing.requestCode('4915200000005')).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
  });
});
