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
afterEach(async () => {
  world.sandbox.faults.clear();
  await world.api.delete('/api/sessions/ana');
});

/** What the session says when it has come to rest. */
const failed = async (happens: () => void): Promise<SessionStatusPayload> => {
  const from = world.hooks.all.length;
  happens();
  return (await world.hooks.status('ana', 'FAILED', from)).payload as SessionStatusPayload;
};

const refusedWith = (reason: number, expire?: number) => () => {
  const fault: Fault = { kind: 'refuse-login', reason, phone, ...(expire === undefined ? {} : { expire }) };
  world.sandbox.faults.set(fault);
  world.sandbox.disconnect('reset', { phone });
};
const told = (how: Disconnect) => () => world.sandbox.disconnect(how, { phone });

describe('a session that WhatsApp does not take any more', () => {
  it.each([
    ['401 at the login', refusedWith(401), 'logged_out', []],
    ['403 at the login', refusedWith(403), 'locked', []],
    ['406 at the login', refusedWith(406), 'banned', []],
    ['409 at the login', refusedWith(409), 'client_outdated', []],
    ['516 in the middle', told(516), 'logged_out', ['gone']],
    ['401 in the middle', told(401), 'device_removed', ['gone']],
    ['403 in the middle', told(403), 'locked', []],
    ['406 in the middle', told(406), 'banned', []],
    [
      'a phone that registers anew',
      () => world.sandbox.phone(phone).tell({ kind: 'identity', of: phone }),
      'logged_out',
      ['gone'],
    ],
  ] as const)('says why: %s', async (_name, happens, reason, account) => {
    await world.link('ana', phone);
    expect(await failed(happens)).toMatchObject({ reason, recoverable: false });
    const { body: me } = await world.api.get('/api/sessions/ana/me');
    if (account.length > 0) expect(me).toBeNull();
  });

  it('says until when it is banned', async () => {
    await world.link('ana', phone);
    const before = Date.now();
    const { reason, note = '' } = await failed(refusedWith(402, 3_600));
    expect(reason).toBe('banned');
    const end = Date.parse(/\d{4}-\S+Z/.exec(note)?.[0] ?? '');
    expect(end).toBeGreaterThanOrEqual(before + 3_600_000);
    expect(end).toBeLessThanOrEqual(Date.now() + 3_600_000);
    expect((await world.api.get('/api/sessions/ana')).body.note).toBe(note);
  });
});
