import { describe, expect, it } from 'vitest';
import { InfoOfSession, type InfoSource } from '../../../core/session/session-info.ts';
import { sessionsOnFakes } from '../../support/sessions.ts';

describe('the info of a session', () => {
  it('is the same object until something of it changes', async () => {
    const { sessions, engine, clock } = await sessionsOnFakes();
    await sessions.create({ name: 'ana' });
    const info = () => sessions.get('ana');
    expect(info()).toBe(info());
    const starting = info();
    engine.last.open();
    await clock.pass(0);
    const working = info();
    expect([starting.status, working.status]).toEqual(['STARTING', 'WORKING']);
    expect(info()).toBe(working);
    await sessions.update('ana', { metadata: { team: 'a' } });
    expect(info()).not.toBe(working);
    expect(info().config).toEqual({ metadata: { team: 'a' } });
  });

  it('is made anew when its phone has been silent for too long, although nothing happened', async () => {
    const { sessions, engine, clock } = await sessionsOnFakes();
    await sessions.create({ name: 'ana' });
    engine.last.open();
    await clock.pass(0);
    const session = sessions.all()[0];
    const source: InfoSource = {
      record: session!.record,
      context: { ...session!.context, phoneSeenAt: clock.now() },
      status: 'WORKING',
      activity: null,
      workerId: 'w',
    };
    const infos = new InfoOfSession();
    const before = infos.of(source);
    expect(before.phoneSilence).toBeUndefined();
    await clock.pass(11 * 24 * 3_600_000);
    expect(infos.of(source).phoneSilence).toMatchObject({ lastSeenAt: source.context.phoneSeenAt });
  });
});
