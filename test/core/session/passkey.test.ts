import { describe, expect, it } from 'vitest';
import { settle } from '../../support/clock.ts';
import { sessionsOnFakes } from '../../support/sessions.ts';

const assertion = {
  ...{ id: 'AAAA', rawId: 'AAAA', type: 'public-key' },
  response: { clientDataJSON: 'AAAA', authenticatorData: 'AAAA', signature: 'AAAA' },
};

/** A session that was scanned after 50 s, and is asked for its passkey. */
const asked = async () => {
  const world = await sessionsOnFakes();
  world.engine.prepare = (connection) => queueMicrotask(() => connection.qr(7));
  await world.sessions.create({ name: 'ana' });
  await settle();
  await world.clock.pass(50_000);
  world.engine.last.askForPasskey();
  await settle();
  const status = () => {
    const { status, reason, note } = world.sessions.get('ana');
    return { status, reason, note };
  };
  return { ...world, status, passkey: world.sessions.passkey('ana') };
};

describe('a linking by passkey', () => {
  it('has a challenge, then a code, and both only in their status', async () => {
    const { engine, passkey, status, statuses } = await asked();
    expect(status().status).toBe('PASSKEY_REQUIRED');
    expect(passkey.challenge()).toEqual(engine.last.ceremony.challenge);
    expect(() => passkey.code()).toThrow('expected PASSKEY_CONFIRMATION_REQUIRED');
    await passkey.answer(assertion);
    expect(() => passkey.challenge()).toThrow('has answered');
    await expect(passkey.answer(assertion)).rejects.toMatchObject({ code: 'UNPROCESSABLE' });
    engine.last.signal({ type: 'engine.passkey.code', code: 'ABCD-EFGH' });
    expect(status().status).toBe('PASSKEY_CONFIRMATION_REQUIRED');
    expect(passkey.code()).toBe('ABCD-EFGH');
    expect(() => passkey.challenge()).toThrow('expected PASSKEY_REQUIRED');
    await passkey.confirm();
    await passkey.confirm();
    engine.last.linked();
    engine.last.open();
    await settle();
    const passkeys = ['PASSKEY_REQUIRED', 'PASSKEY_CONFIRMATION_REQUIRED'];
    expect(statuses()).toEqual(['STARTING', 'SCAN_QR_CODE', ...passkeys, 'STARTING', 'WORKING']);
    expect(() => passkey.code()).toThrow('WORKING');
  });

  it('asks WhatsApp for no pairing code until it is over, nor while the device that was linked logs in', async () => {
    const { engine, sessions, passkey } = await asked();
    const refused = { code: 'SESSION_STATUS' };
    const request = () => sessions.pairingCode('ana', '4915200000001');
    await expect(request()).rejects.toMatchObject(refused);
    await passkey.answer(assertion);
    engine.last.signal({ type: 'engine.passkey.code', code: 'ABCD-EFGH' });
    await expect(request()).rejects.toMatchObject(refused);
    engine.last.linked();
    await settle();
    await expect(request()).rejects.toMatchObject(refused);
  });

  it('lets the QR budget stand still, and shows no code meanwhile', async () => {
    const { engine, sessions, clock } = await asked();
    await expect(sessions.qr('ana')).rejects.toMatchObject({ code: 'SESSION_STATUS' });
    await clock.pass(400_000);
    engine.last.signal({ type: 'engine.passkey.ended', reason: 'passkey_refused', message: 'no' });
    await settle();
    const { expiresAt } = await sessions.qr('ana');
    expect(expiresAt - clock.now()).toBe(10_000);
    await clock.pass(129_000);
    await settle();
    expect(sessions.get('ana').status).toBe('SCAN_QR_CODE');
    await clock.pass(1_000);
    await settle();
    expect(sessions.get('ana')).toMatchObject({ status: 'FAILED', reason: 'passkey_refused' });
  });

  it.each([
    ['nobody signs', 600_000, 'asked'],
    ['the phone does not go on', 120_000, 'answered'],
    ['nobody confirms', 600_000, 'code'],
    ['WhatsApp says nothing after the confirmation', 120_000, 'confirmed'],
  ] as const)('that %s gives way to a fresh QR code, and says why', async (_name, deadline, until) => {
    const { engine, clock, status, statuses } = await asked();
    const { last } = engine;
    if (until === 'answered') last.signal({ type: 'engine.passkey.answered' });
    if (until === 'code' || until === 'confirmed') last.signal({ type: 'engine.passkey.code', code: 'ABCD-EFGH' });
    if (until === 'confirmed') last.signal({ type: 'engine.passkey.confirmed' });
    await clock.pass(deadline - 1);
    expect(engine.connections).toHaveLength(1);
    await clock.pass(1);
    await settle();
    expect(engine.connections).toHaveLength(2);
    expect(last.closed).toBe(true);
    expect(status()).toEqual({ status: 'SCAN_QR_CODE', reason: 'passkey_timeout', note: expect.any(String) });
    expect(statuses().slice(-2)).toEqual(['STARTING', 'SCAN_QR_CODE']);
  });

  it('that WhatsApp refuses gives way to a fresh QR code, and can succeed at the second try', async () => {
    const { engine, status } = await asked();
    engine.last.signal({ type: 'engine.passkey.ended', reason: 'passkey_refused', message: 'error 400' });
    await settle();
    expect(status()).toEqual({ status: 'SCAN_QR_CODE', reason: 'passkey_refused', note: 'error 400' });
    engine.last.askForPasskey();
    expect(status()).toEqual({ status: 'PASSKEY_REQUIRED', reason: undefined, note: undefined });
    engine.last.linked();
    engine.last.open();
    await settle();
    expect(status()).toEqual({ status: 'WORKING', reason: undefined, note: undefined });
  });

  it('keeps its budget when the connection drops in between', async () => {
    const { engine, clock, sessions } = await asked();
    await clock.pass(100_000);
    engine.last.drop('network');
    await clock.pass(1_000);
    await settle();
    expect((await sessions.qr('ana')).expiresAt - clock.now()).toBeLessThanOrEqual(10_000);
    expect(() => sessions.passkey('ana').challenge()).toThrow('SCAN_QR_CODE');
  });

  it('that begins anew takes the place of the former one', async () => {
    const { engine, clock, passkey, status } = await asked();
    await passkey.answer(assertion);
    engine.last.askForPasskey(clock.now() + 5_000);
    expect(status().status).toBe('PASSKEY_REQUIRED');
    expect(passkey.challenge()).toBeDefined();
    await clock.pass(5_000);
    await settle();
    expect(status().reason).toBe('passkey_timeout');
  });

  it.each(['stop', 'logout'] as const)('is forgotten at a %s', async (command) => {
    const { sessions, passkey } = await asked();
    await sessions[command]('ana');
    await settle();
    expect(() => passkey.challenge()).toThrow('expected PASSKEY_REQUIRED');
  });
});
