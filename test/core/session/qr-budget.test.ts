import { describe, expect, it } from 'vitest';
import { settle } from '../../support/clock.ts';
import { sessionsOnFakes } from '../../support/sessions.ts';

describe('the QR budget', () => {
  const times = async (world: Awaited<ReturnType<typeof sessionsOnFakes>>, step = 1_000, until = 200_000) => {
    const start = world.clock.now();
    const seen: [number, string][] = [];
    let known = 0;
    for (let passed = 0; passed <= until; passed += step) {
      await settle();
      const statuses = world.statuses();
      for (const status of statuses.slice(known)) seen.push([world.clock.now() - start, status]);
      known = statuses.length;
      await world.clock.pass(step);
    }
    return seen;
  };
  const sevenCodes = [0, 60_000, 80_000, 100_000, 120_000, 140_000, 160_000].map((at) => [at, 'SCAN_QR_CODE']);

  it('shows seven codes of 60 s and six times 20 s, then fails with qr_timeout', async () => {
    const world = await sessionsOnFakes();
    world.engine.prepare = (connection) => queueMicrotask(() => connection.qr(10));
    await world.sessions.create({ name: 'ana' });
    expect(await times(world)).toEqual([[0, 'STARTING'], ...sevenCodes, [180_000, 'FAILED']]);
    expect(world.sessions.get('ana')).toMatchObject({ reason: 'qr_timeout', recoverable: false });
    expect(world.engine.live()).toHaveLength(0);
  });

  it('goes on over a new connection when the server hands out only six codes', async () => {
    const world = await sessionsOnFakes();
    world.engine.prepare = (connection) => queueMicrotask(() => connection.qr(6));
    await world.sessions.create({ name: 'ana' });
    expect(await times(world)).toEqual([[0, 'STARTING'], ...sevenCodes, [180_000, 'FAILED']]);
    expect(world.engine.connections).toHaveLength(2);
  });

  it('keeps its end when the connection drops in between', async () => {
    const world = await sessionsOnFakes();
    world.engine.prepare = (connection) => queueMicrotask(() => connection.qr(6));
    await world.sessions.create({ name: 'ana' });
    await world.clock.pass(30_000);
    world.engine.last.drop('network');
    const seen = await times(world);
    expect(seen.filter(([, status]) => status === 'STARTING')).toHaveLength(1);
    expect(seen.at(-1)).toEqual([150_000, 'FAILED']);
    expect(world.sessions.get('ana').reason).toBe('qr_timeout');
  });

  it('never hands out a code of a connection that is gone', async () => {
    const { sessions, engine, clock } = await sessionsOnFakes({ timings: { qrWait: 100 } });
    await sessions.create({ name: 'ana' });
    engine.last.qr();
    expect((await sessions.qr('ana')).value).toBe('code-1');
    engine.last.drop('network');
    const asked = sessions.qr('ana');
    asked.catch(() => undefined);
    await clock.pass(100);
    await expect(asked).rejects.toMatchObject({ code: 'SESSION_STATUS' });
  });

  it('ends when the server never sends another code', async () => {
    const { sessions, engine, clock } = await sessionsOnFakes();
    await sessions.create({ name: 'ana' });
    engine.last.qr(1);
    for (let passed = 0; passed < 400_000; passed += 1_000) await clock.pass(1_000);
    expect(sessions.get('ana')).toMatchObject({ status: 'FAILED', reason: 'qr_timeout' });
    expect(engine.live()).toHaveLength(0);
  });
});

describe('a QR code whose secret is retired', () => {
  it('is shown anew in the same slot, and told with the hint to scan once more', async () => {
    const { sessions, engine, clock, events } = await sessionsOnFakes();
    await sessions.create({ name: 'ana' });
    engine.last.qr(6);
    await clock.pass(70_000);
    expect((await sessions.qr('ana')).value).toBe('code-2');
    engine.last.refresh(6);
    await settle();
    const { value, expiresAt } = await sessions.qr('ana');
    expect([value, expiresAt - clock.now()]).toEqual(['code-2-anew', 10_000]);
    expect(events.at(-1)?.payload).toMatchObject({
      status: 'SCAN_QR_CODE',
      data: { scanAgain: true },
      note: expect.stringContaining('once more'),
    });
    expect(sessions.get('ana').note).toContain('once more');
    await clock.pass(10_000);
    expect((await sessions.qr('ana')).value).toBe('code-3-anew');
  });

  it('does not make the budget longer, and the hint ends with the link', async () => {
    const { sessions, engine, clock } = await sessionsOnFakes();
    await sessions.create({ name: 'ana' });
    engine.last.qr(7);
    for (let passed = 0; passed < 175_000; passed += 5_000) {
      engine.last.refresh(7);
      await clock.pass(5_000);
    }
    expect(sessions.get('ana').status).toBe('SCAN_QR_CODE');
    await clock.pass(5_000);
    await settle();
    expect(sessions.get('ana')).toMatchObject({ status: 'FAILED', reason: 'qr_timeout' });
    await sessions.start('ana');
    engine.last.qr(7);
    engine.last.refresh(7);
    engine.last.linked();
    engine.last.open();
    await settle();
    expect(sessions.get('ana')).toMatchObject({ status: 'WORKING' });
    expect(sessions.get('ana').note).toBeUndefined();
  });
});
