import type { BinaryNode } from '@whiskeysockets/baileys';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readQr } from '../../../../plugins/sandbox/linking/qr-code.ts';
import { type Sandbox, startSandbox } from '../../../../plugins/sandbox/sandbox.ts';
import { TestSession } from '../session.ts';

let sandbox: Sandbox;
const sessions: TestSession[] = [];
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterEach(() => Promise.all(sessions.splice(0).map((session) => session.close())));
afterAll(() => sandbox.close());

const showing = async () => {
  const session = new TestSession(sandbox);
  sessions.push(session);
  session.open();
  const { codes, pairing } = await session.signal('engine.qr');
  return { session, codes, pairing };
};
let count = 0;
const newPhone = () => sandbox.phone(`49152000007${String(count++).padStart(2, '0')}`);
const noticesOf = (qr: string) => {
  const { noiseKey } = readQr(qr);
  return sandbox.registrations().find((one) => one.noiseKey === noiseKey)?.notices;
};

describe('a QR code whose secret WhatsApp retires', () => {
  it.each(['companion_reg_refresh', 'pair-device-rotate-qr'] as const)(
    'is shown anew with another secret, and links: %s',
    async (child) => {
      const { session, codes } = await showing();
      const phone = newPhone();
      phone.primary.policy = { refresh: { child, times: 1 } };
      await expect(phone.scan(codes[1] ?? '')).rejects.toThrow('scan the code that is shown now');
      const { codes: anew } = await session.signal('engine.qr.refreshed');
      expect(anew.map((code) => readQr(code).ref)).toEqual(codes.map((code) => readQr(code).ref));
      expect(new Set(anew.map((code) => readQr(code).advSecret)).size).toBe(1);
      expect(readQr(anew[0] ?? '').advSecret).not.toBe(readQr(codes[0] ?? '').advSecret);
      await expect.poll(() => noticesOf(codes[0] ?? '')).toEqual([{ type: 'companion_reg_refresh', confirmed: true }]);
      await phone.scan(anew[1] ?? '');
      expect(await session.closed()).toBe('restart_required');
      expect((await session.login()).me.id).toBe(`${phone.number}@c.us`);
    },
  );

  it('is retired as often as WhatsApp likes', async () => {
    const { session, codes } = await showing();
    const phone = newPhone();
    phone.primary.policy = { refresh: { child: 'companion_reg_refresh', times: 3 } };
    let shown = codes;
    for (let time = 0; time < 3; time++) {
      const from = session.signals.entries.length;
      await expect(phone.scan(shown[0] ?? '')).rejects.toThrow('retired');
      const next = await session.signals.next(({ type }) => type === 'engine.qr.refreshed', from);
      shown = 'codes' in next ? next.codes : [];
    }
    await phone.scan(shown[0] ?? '');
    expect(await session.closed()).toBe('restart_required');
  });

  it('is confirmed once when a pairing code was asked for, too', async () => {
    const { session, codes, pairing } = await showing();
    const phone = newPhone();
    await pairing.requestCode(phone.number);
    phone.primary.policy = { refresh: { child: 'companion_reg_refresh', times: 1 } };
    await expect(phone.scan(codes[0] ?? '')).rejects.toThrow('retired');
    await session.signal('engine.qr.refreshed');
    await expect.poll(() => noticesOf(codes[0] ?? '')).toEqual([{ type: 'companion_reg_refresh', confirmed: true }]);
  });
});

describe('notifications before a device is linked', () => {
  it('are confirmed by nobody but us: plain Baileys needs the id of an account for it', async () => {
    const { Client, memory } = await import('../../sandbox/support.ts');
    const client = new Client(sandbox, memory());
    const qr = await client.qr();
    const heard = new Promise<BinaryNode>((resolve) => client.socket.ws.on('CB:notification', resolve));
    sandbox.refreshQr(readQr(qr), 'companion_reg_refresh');
    await heard;
    await expect(client.socket.query(ping())).resolves.toBeDefined();
    expect(noticesOf(qr)).toEqual([{ type: 'companion_reg_refresh', confirmed: false }]);
    await client.close();
  });
});

const ping = (): BinaryNode => ({
  tag: 'iq',
  attrs: { to: '@s.whatsapp.net', type: 'get', xmlns: 'w:p', id: 'after' },
  content: [{ tag: 'ping', attrs: {} }],
});
