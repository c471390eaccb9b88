import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SessionStatusPayload } from '../../core/contracts/session.ts';
import type { Disconnect, Fault } from '../../plugins/sandbox/wire/faults.ts';
import { World } from '../support/world.ts';

const phone = '4915200007001';
let world: World;

beforeAll(async () => {
  world = await World.start();
  return () => world.close();
});
afterEach(() => world.sandbox.faults.clear());

/** The session, linked and WORKING: what a test left linked is started again. */
const working = async (): Promise<void> => {
  const { hooks, api } = world;
  if ((await api.get('/api/sessions/ana/me')).body?.id) {
    const from = await world.mark();
    await api.post('/api/sessions/ana/start');
    if ((await api.get('/api/sessions/ana')).body.status !== 'WORKING') await hooks.status('ana', 'WORKING', from);
    return;
  }
  await api.delete('/api/sessions/ana');
  await world.link('ana', phone);
};

/** What the session says when it has come to rest. */
const failed = async (happens: () => void): Promise<SessionStatusPayload> => {
  const from = await world.mark();
  happens();
  return (await world.hooks.status('ana', 'FAILED', from)).payload as SessionStatusPayload;
};

const refusedWith = (reason: number, expire?: number) => () => {
  const fault: Fault = { kind: 'refuse-login', reason, phone, ...(expire === undefined ? {} : { expire }) };
  world.sandbox.faults.set(fault);
  world.sandbox.disconnect('reset', { phone });
};
const told = (how: Disconnect) => () => world.sandbox.disconnect(how, { phone });
/** The same at every connection. */
const alwaysTold = (how: Disconnect) => () => {
  world.sandbox.faults.set({ kind: 'disconnect-at-login', how, phone });
  told(how)();
};

/** The list of the account's devices, as WhatsApp tells it, with the phone alone on it. */
const listed = (address: string) => () =>
  world.sandbox.phone(phone).sendStanza({
    tag: 'notification',
    attrs: { from: `${phone}@s.whatsapp.net`, type: 'account_sync', id: `N${Date.now()}`, t: '1' },
    content: [{ tag: 'devices', attrs: {}, content: [{ tag: 'device', attrs: { jid: address } }] }],
  });

const stays = 'stays linked';
const isGone = 'is linked no more';

/** Every way in which WhatsApp says that a device may not go on (docs/protocol.md, "How sessions end"). */
describe('a session that WhatsApp does not take any more', () => {
  it.each([
    ['402 at the login', refusedWith(402), 'banned', stays],
    ['403 at the login', refusedWith(403), 'locked', stays],
    ['405 at the login', refusedWith(405), 'client_outdated', stays],
    ['406 at the login', refusedWith(406), 'banned', stays],
    ['409 at the login', refusedWith(409), 'client_outdated', stays],
    ['413 at the login', refusedWith(413), 'engine_error', stays],
    ['414 at the login', refusedWith(414), 'engine_error', stays],
    ['415 at the login', refusedWith(415), 'engine_error', stays],
    ['418 at the login', refusedWith(418), 'engine_error', stays],
    ['500 at the login', refusedWith(500), 'bad_session', stays],
    ['402 in the middle', told(402), 'banned', stays],
    ['403 in the middle', told(403), 'locked', stays],
    ['405 in the middle', alwaysTold(405), 'client_outdated', stays],
    ['406 in the middle', told(406), 'banned', stays],
    ['409 in the middle', alwaysTold(409), 'client_outdated', stays],
    ['411 in the middle', told(411), 'multidevice_mismatch', stays],
    ['401 at the login', refusedWith(401), 'logged_out', isGone],
    ['401 in the middle', told(401), 'device_removed', isGone],
    ['516 in the middle', told(516), 'logged_out', isGone],
    ['516 at the login', alwaysTold(516), 'logged_out', isGone],
    ['the phone that takes it off its list', () => world.sandbox.phone(phone).unlink(), 'device_removed', isGone],
    ['a list of devices without it', listed(`${phone}@s.whatsapp.net`), 'device_removed', isGone],
    [
      'a phone that registers anew',
      () => world.sandbox.phone(phone).tell({ kind: 'identity', of: phone }),
      'logged_out',
      isGone,
    ],
  ] as const)('says why: %s', async (_name, happens, reason, account) => {
    await working();
    expect(await failed(happens)).toMatchObject({ reason, recoverable: false });
    const { body: me } = await world.api.get('/api/sessions/ana/me');
    expect(me === null).toBe(account === isGone);
  });

  it('learns at its next start that it was taken off the list while it was stopped', async () => {
    await working();
    await world.api.post('/api/sessions/ana/stop');
    world.sandbox.phone(phone).unlink();
    const { reason } = await failed(() => void world.api.post('/api/sessions/ana/start'));
    expect(reason).toBe('logged_out');
    expect((await world.api.get('/api/sessions/ana/me')).body).toBeNull();
  });

  it.each([
    ['440, another connection', told(440), 'replaced'],
    ['501, at every login', alwaysTold(501), 'unavailable'],
    ['503, at every login', alwaysTold(503), 'unavailable'],
    ['503 in the middle', told(503), 'unavailable'],
    ['a stream that ends', told('end'), 'network'],
    ['an ack that WhatsApp misses', told('ack'), 'network'],
  ] as const)('for a while only tries again, and says why: %s', async (_name, happens, reason) => {
    await working();
    const from = await world.mark();
    happens();
    const starting = (await world.hooks.status('ana', 'STARTING', from)).payload;
    expect(starting).toMatchObject({ reason, recoverable: true });
    world.sandbox.faults.clear();
    // A login that was under way may work for a moment and end once more.
    const now = async () => {
      const { status, reason: why } = (await world.api.get('/api/sessions/ana')).body;
      return [status, why];
    };
    await expect.poll(now).toEqual(['WORKING', undefined]);
  });

  it('says until when it is banned', async () => {
    await working();
    const before = Date.now();
    const { reason, note = '' } = await failed(refusedWith(402, 3_600));
    expect(reason).toBe('banned');
    const end = Date.parse(/\d{4}-\S+Z/.exec(note)?.[0] ?? '');
    expect(end).toBeGreaterThanOrEqual(before + 3_600_000);
    expect(end).toBeLessThanOrEqual(Date.now() + 3_600_000);
    expect((await world.api.get('/api/sessions/ana')).body.note).toBe(note);
  });
});
