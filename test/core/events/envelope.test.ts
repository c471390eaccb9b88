import { describe, expect, it } from 'vitest';
import type { Publication } from '../../../core/contracts/events.ts';
import { envelope, eventId } from '../../../core/events/envelope.ts';
import type { EventName } from '../../../core/index.ts';

const idOf = (session: string, event: EventName, identity: string | undefined, timestamp: number): string =>
  eventId({ session, event, identity, payload: {}, engine: 'NOWEB' } as Publication, timestamp);

describe('the id of an event', () => {
  /** What is in the logs of those who have run this. A changed one would publish everything that comes again once more. */
  it.each([
    ['default', 'message', 'false_111@c.us_AAAA', 1_700_000_000_000, 'evt_01hf7yat00jnd9w4v2avza83bt'],
    ['default', 'message.any', 'false_111@c.us_AAAA', 1_700_000_000_000, 'evt_01hf7yat00z67qt56gasre5m8q'],
    ['ana', 'message.ack', 'ü:3:✓', 1_700_000_000_001, 'evt_01hf7yat01sd2pkqv1100bzvb5'],
    ['', 'engine.event', '', 0, 'evt_00000000008tagn8tw9c95h7zy'],
    ['ana', 'message', 'x', 2 ** 48 - 1, 'evt_7zzzzzzzzzk64jnjymzkqm4gzt'],
  ] as const)('of a fact in %j never changes (%s, %s)', (session, event, identity, timestamp, id) => {
    expect(idOf(session, event, identity, timestamp)).toBe(id);
    expect(idOf(session, event, identity, timestamp)).toBe(id);
  });

  it('begins with its time, whichever came before', () => {
    const times = [5, 7, 5, 5, 0, 7].map((time) => idOf('ana', 'message', undefined, time));
    expect(times.map((id) => id.slice(0, 14))).toEqual([5, 7, 5, 5, 0, 7].map((time) => `evt_000000000${time}`));
    expect(new Set(times).size).toBe(6);
    for (const id of times) expect(id).toMatch(/^evt_[0-9a-hjkmnp-tv-z]{26}$/);
  });

  it('cannot be made of a time that is none', () => {
    for (const wrong of [Number.NaN, -1, 1.5, 2 ** 48]) expect(() => idOf('ana', 'message', 'x', wrong)).toThrow();
  });
});

describe('a publication', () => {
  it('without a session or a name is refused before it can hold up the log', () => {
    const info = { version: '1', tier: 'CORE', workerId: 'w', startedAt: 0, defaultEngine: 'NOWEB' } as const;
    const publication = { session: 'ana', event: 'message', payload: {}, engine: 'NOWEB' };
    for (const wrong of [{ session: undefined }, { event: 5 }]) {
      expect(() => envelope({ ...publication, ...wrong } as never, info, 1)).toThrow('a name and a session');
    }
  });
});
