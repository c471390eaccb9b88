import { afterEach, describe, expect, it } from 'vitest';
import type { SessionStatusPayload } from '../../core/contracts/session.ts';
import { Passkey } from '../../plugins/sandbox/linking/passkey.ts';
import { World, type WorldOptions } from '../support/world.ts';

let world: World | undefined;
const start = async (options: WorldOptions = {}): Promise<World> => {
  world = await World.start(options);
  return world;
};
afterEach(async () => {
  await world?.close();
  world = undefined;
});

const qrOf = async ({ api }: World, session: string): Promise<string> =>
  (await api.get(`/api/${session}/auth/qr?format=raw`)).body.value;

describe('linking by a QR code that WhatsApp refreshes', () => {
  it.each(['companion_reg_refresh', 'pair-device-rotate-qr'] as const)(
    'shows the same code anew at once, says to scan once more, and is WORKING after it: %s',
    async (child) => {
      const { api, hooks, sandbox } = await start();
      const phone = sandbox.phone('4915200004001');
      phone.primary.policy = { refresh: { child, times: 1 } };
      await api.post('/api/sessions', { name: 'ana' });
      await hooks.status('ana', 'SCAN_QR_CODE');
      const first = await qrOf(world as World, 'ana');
      const from = await (world as World).mark();
      await expect(phone.scan(first)).rejects.toThrow('retired');
      const told = (await hooks.status('ana', 'SCAN_QR_CODE', from)).payload as SessionStatusPayload;
      expect(told).toMatchObject({ data: { scanAgain: true }, note: expect.stringContaining('once more') });
      expect((await api.get('/api/sessions/ana')).body.note).toContain('once more');
      const second = await qrOf(world as World, 'ana');
      expect(second.split(',').with(3, '')).toEqual(first.split(',').with(3, ''));
      expect(second).not.toBe(first);
      await phone.scan(second);
      await hooks.status('ana', 'WORKING');
      expect((await api.get('/api/sessions/ana')).body.note).toBeUndefined();
    },
  );
});

describe('linking by a pairing code that WhatsApp declares dead', () => {
  it('tells that there is another one, hands it out, and is WORKING after it', async () => {
    const { api, hooks, sandbox } = await start();
    const phone = sandbox.phone('4915200004002');
    await api.post('/api/sessions', { name: 'ana' });
    const ask = async () => (await api.post('/api/ana/auth/request-code', { phoneNumber: phone.number })).body.code;
    const first = await ask();
    const from = await (world as World).mark();
    phone.primary.refreshCode(false);
    expect((await hooks.status('ana', 'SCAN_QR_CODE', from)).payload).toMatchObject({
      note: expect.stringContaining('new one'),
    });
    const second = await ask();
    expect(second).not.toBe(first);
    await phone.enterCode(second);
    await hooks.status('ana', 'WORKING');
  });
});

/** However people are addressed: linking names accounts by their numbers, and hidden ids come with it where there are any. */
describe.each(['lid', 'pn', 'none'] as const)('in a world where people are addressed by %s', (addressing) => {
  it.each(['a QR code', 'a pairing code', 'a passkey'] as const)(
    'a session is linked by %s, after all that may come in between',
    async (how) => {
      const { api, hooks, sandbox } = await start({ sandbox: { addressing } });
      const phone = sandbox.phone('4915200004010');
      phone.primary.policy = {
        refresh: { child: 'companion_reg_refresh', times: 1 },
        ...(how === 'a passkey' ? { passkey: {} } : {}),
      };
      await api.post('/api/sessions', { name: 'ana' });
      if (how === 'a pairing code') {
        const { body } = await api.post('/api/ana/auth/request-code', { phoneNumber: phone.number });
        await phone.enterCode(body.code);
      } else {
        await expect(phone.scan(await qrOf(world as World, 'ana'))).rejects.toThrow('retired');
        await hooks.next('session.status', ({ payload }) => (payload as SessionStatusPayload).data !== null);
        phone.scan(await qrOf(world as World, 'ana')).catch(() => undefined);
      }
      if (how === 'a passkey') {
        await hooks.status('ana', 'PASSKEY_REQUIRED');
        const { body } = await api.get('/api/ana/auth/passkey/challenge');
        expect((await api.post('/api/ana/auth/passkey', new Passkey(phone.number).assert(body))).status).toBe(201);
      }
      await hooks.status('ana', 'WORKING');
      const { body: me } = await api.get('/api/sessions/ana/me');
      expect(me.id).toBe(`${phone.number}@c.us`);
      if (addressing === 'none') expect(me.lid).toBeUndefined();
    },
  );
});
