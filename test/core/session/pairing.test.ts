import { describe, expect, it } from 'vitest';
import { tooManyRequests } from '../../../core/errors.ts';
import { settle } from '../../support/clock.ts';
import { someone } from '../../support/fake-engine.ts';
import { sessionsOnFakes, workingOnFakes } from '../../support/sessions.ts';

const showing = async (options: Parameters<typeof sessionsOnFakes>[0] = {}) => {
  const world = await sessionsOnFakes(options);
  await world.sessions.create({ name: 'ana' });
  world.engine.last.qr();
  await settle();
  return world;
};
const number = '5511999990001';

describe('a QR code', () => {
  it('that is asked for while STARTING is waited for', async () => {
    const { sessions, engine } = await sessionsOnFakes();
    await sessions.create({ name: 'ana' });
    const asked = sessions.qr('ana');
    engine.last.qr();
    expect((await asked).value).toBe('code-1');
  });

  it('is refused with the status after ten seconds without one', async () => {
    const { sessions, clock } = await sessionsOnFakes();
    await sessions.create({ name: 'ana' });
    const refused = expect(sessions.qr('ana')).rejects.toMatchObject({
      code: 'SESSION_STATUS',
      details: { body: { session: 'ana', status: 'STARTING', expected: ['SCAN_QR_CODE'] } },
    });
    await clock.pass(10_000);
    await refused;
    expect(clock.pending.size).toBe(1);
  });

  it.each(['WORKING', 'STOPPED', 'FAILED'] as const)('is refused at once while %s', async (status) => {
    const { sessions, engine } = await workingOnFakes();
    if (status === 'STOPPED') await sessions.stop('ana');
    if (status === 'FAILED') engine.last.drop('banned');
    await settle();
    await expect(sessions.qr('ana')).rejects.toMatchObject({ details: { body: { status } } });
  });

  it('goes on within its budget when the network blinks', async () => {
    const { sessions, engine, clock, statuses } = await showing();
    await clock.pass(30_000);
    engine.last.drop('network');
    await clock.pass(1_000);
    engine.last.qr();
    const { expiresAt } = await sessions.qr('ana');
    await settle();
    expect(expiresAt - clock.now()).toBe(29_000);
    expect(statuses()).toEqual(['STARTING', 'SCAN_QR_CODE', 'SCAN_QR_CODE']);
  });
});

describe('a pairing code', () => {
  it('waits for the first QR code, since WhatsApp takes the request only then', async () => {
    const { sessions, engine } = await sessionsOnFakes();
    await sessions.create({ name: 'ana' });
    const asked = sessions.pairingCode('ana', number);
    await settle();
    expect(engine.last.pairing.requests).toEqual([]);
    engine.last.qr();
    expect((await asked).code).toBe('CODE-0001');
  });

  it('is the same one again while it lives, then another after the cool-down', async () => {
    const { sessions, engine, clock } = await showing();
    engine.last.codeExpiresAt = clock.now() + 5_000;
    const first = await sessions.pairingCode('ana', number);
    expect(await sessions.pairingCode('ana', `+${number}`)).toEqual(first);
    expect(engine.last.pairing.requests).toHaveLength(1);
    await clock.pass(5_000);
    await expect(sessions.pairingCode('ana', number)).rejects.toMatchObject({
      code: 'TOO_MANY_REQUESTS',
      details: { retryAfterSeconds: 5 },
    });
    await clock.pass(5_000);
    expect((await sessions.pairingCode('ana', number)).code).toBe('CODE-0002');
  });

  it('that WhatsApp refuses for a while is not asked for again before, also after a restart', async () => {
    const { sessions, engine, clock } = await showing();
    engine.last.pairing.requestCode = async () => {
      throw tooManyRequests('too often', 90);
    };
    await expect(sessions.pairingCode('ana', number)).rejects.toMatchObject({ details: { retryAfterSeconds: 90 } });
    await sessions.restart('ana');
    await settle();
    engine.last.qr(1);
    await settle();
    await clock.pass(30_000);
    await expect(sessions.pairingCode('ana', number)).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' });
    expect(engine.last.pairing.requests).toEqual([]);
  });

  it.each([
    ['+55 11 99999-0001', number],
    ['0055 (11) 99999.0001', number],
    ['5511999990001', number],
  ])('takes the number %s', async (given, asked) => {
    const { sessions, engine } = await showing();
    await sessions.pairingCode('ana', given);
    expect(engine.last.pairing.requests).toEqual([asked]);
  });

  it.each(['', '12', 'abc', '1234567890123456'])('refuses the number "%s"', async (given) => {
    const { sessions } = await showing();
    await expect(sessions.pairingCode('ana', given)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });

  it('is refused with the status once the QR window is closed', async () => {
    const { sessions, clock } = await showing({ timings: { qr: [1_000] } });
    await clock.pass(1_000);
    await expect(sessions.pairingCode('ana', number)).rejects.toMatchObject({
      details: { body: { status: 'FAILED', expected: ['SCAN_QR_CODE'] } },
    });
  });

  it('that was asked for late in the QR window stays usable for its whole life', async () => {
    const { sessions, engine, clock, statuses } = await showing();
    for (let second = 0; second < 170; second++) await clock.pass(1_000);
    engine.last.qr(1);
    engine.last.codeExpiresAt = clock.now() + 180_000;
    const { code } = await sessions.pairingCode('ana', number);
    for (let second = 0; second < 150; second++) await clock.pass(1_000);
    expect(sessions.get('ana').status).toBe('SCAN_QR_CODE');
    expect((await sessions.pairingCode('ana', number)).code).toBe(code);
    expect(engine.live()).toHaveLength(1);
    engine.last.linked();
    expect(statuses().at(-1)).toBe('SCAN_QR_CODE');
    await settle();
    expect(sessions.get('ana').status).toBe('STARTING');
  });

  it('that nobody types ends in qr_timeout when it expires after the QR window', async () => {
    const { sessions, engine, clock } = await showing({ timings: { qr: [1_000] } });
    engine.last.codeExpiresAt = clock.now() + 180_000;
    await sessions.pairingCode('ana', number);
    await clock.pass(1_000);
    expect(sessions.get('ana').status).toBe('SCAN_QR_CODE');
    const refused = expect(sessions.qr('ana')).rejects.toMatchObject({ code: 'SESSION_STATUS' });
    await clock.pass(10_000);
    await refused;
    await clock.pass(180_000);
    expect(sessions.get('ana')).toMatchObject({ status: 'FAILED', reason: 'qr_timeout' });
    expect([engine.live().length, clock.pending.size]).toEqual([0, 0]);
  });

  it('is not waited for longer than three minutes, whatever the engine says of it', async () => {
    const { sessions, engine, clock } = await showing({ timings: { qr: [1_000] } });
    engine.last.codeExpiresAt = Number.MAX_SAFE_INTEGER;
    const asked = clock.now();
    expect((await sessions.pairingCode('ana', number)).expiresAt).toBe(asked + 180_000);
    await clock.run(180_000);
    expect(sessions.get('ana')).toMatchObject({ status: 'FAILED', reason: 'qr_timeout' });
  });

  it('keeps its connection when the server has no more QR codes', async () => {
    const { sessions, engine, clock } = await sessionsOnFakes();
    await sessions.create({ name: 'ana' });
    engine.last.qr(1);
    engine.last.codeExpiresAt = clock.now() + 70_000;
    await sessions.pairingCode('ana', number);
    await clock.pass(60_000);
    expect(engine.connections).toHaveLength(1);
    await clock.pass(10_000);
    expect(engine.connections).toHaveLength(2);
    engine.last.qr(6);
    expect((await sessions.qr('ana')).expiresAt - clock.now()).toBe(10_000);
  });
});

describe('a phone that links', () => {
  const pinned = { metadata: { 'waha.phone': '+49 152 1' } };

  it('other than the one that the config names is unlinked again, and the session fails', async () => {
    const { sessions, engine, stores } = await sessionsOnFakes();
    await sessions.create({ name: 'ana', config: pinned });
    await stores.auth.open('ana').commit({ credentials: { value: Buffer.from('creds'), linked: true } });
    engine.last.open();
    await settle();
    expect(sessions.get('ana')).toMatchObject({ status: 'FAILED', reason: 'wrong_phone_number', me: null });
    expect(engine.last.logoutCalls).toBe(1);
    expect(await stores.auth.open('ana').credentials()).toBeNull();
  });

  it('as the config names it is WORKING', async () => {
    const { sessions, engine } = await sessionsOnFakes();
    await sessions.create({ name: 'ana', config: pinned });
    engine.last.open({}, { ...someone, id: '491521@c.us' });
    expect(sessions.get('ana').status).toBe('WORKING');
  });

  it('anew with another number becomes the account of the session', async () => {
    const { sessions, engine } = await workingOnFakes();
    await sessions.logout('ana');
    engine.last.qr();
    engine.last.open({}, { ...someone, id: '491521@c.us' });
    expect(sessions.get('ana')).toMatchObject({ status: 'WORKING', me: { id: '491521@c.us' } });
  });
});

describe('a pairing code that WhatsApp replaces', () => {
  const asked = async () => {
    const world = await showing({ timings: { pairingCooldown: 0 } });
    world.engine.last.codeExpiresAt = world.clock.now() + 180_000;
    await world.sessions.pairingCode('ana', number);
    return world;
  };

  it('is handed out in its place, and told', async () => {
    const { sessions, engine, clock, events } = await asked();
    engine.last.signal({ type: 'engine.code', code: { code: 'NEWC-ODE1', expiresAt: clock.now() + 180_000 } });
    await settle();
    expect((await sessions.pairingCode('ana', number)).code).toBe('NEWC-ODE1');
    expect(engine.last.pairing.requests).toEqual([number]);
    expect(events.at(-1)?.payload).toMatchObject({ status: 'SCAN_QR_CODE', note: expect.stringContaining('new one') });
  });

  it('by nothing is asked for anew', async () => {
    const { sessions, engine } = await asked();
    engine.last.signal({ type: 'engine.code', code: null });
    await settle();
    expect((await sessions.pairingCode('ana', number)).code).toBe('CODE-0002');
  });

  it('after the last QR code keeps the session waiting for as long as the new one lives', async () => {
    const { sessions, engine, clock } = await asked();
    await clock.pass(170_000);
    engine.last.signal({ type: 'engine.code', code: { code: 'NEWC-ODE1', expiresAt: clock.now() + 180_000 } });
    await clock.pass(170_000);
    expect(sessions.get('ana').status).toBe('SCAN_QR_CODE');
    await clock.pass(10_000);
    await settle();
    expect(sessions.get('ana')).toMatchObject({ status: 'FAILED', reason: 'qr_timeout' });
  });
});
