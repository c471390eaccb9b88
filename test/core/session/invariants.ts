import type { SessionStatusPayload } from '../../../core/contracts/session.ts';
import type { RuntimeEvent } from '../../../core/index.ts';
import type { Session } from '../../../core/session/session.ts';
import type { FakeWorld } from '../../support/sessions.ts';

/** How long the machine may stay in a state that is not meant to last (ms); the longest prefix that fits decides. */
const deadlines: readonly (readonly [string, number])[] = [
  ['{"alive":"starting"', 60_000],
  ['{"alive":"linking"', 10_000],
  ['{"alive":"closing"', 5_000],
  ['{"alive":{"pairing":"waiting"', 60_000],
  ['{"alive":{"pairing":"showing"', 60_000],
  ['{"alive":{"pairing":"typing"', 180_000],
  ['{"alive":{"passkey":"required"', 600_000],
  ['{"alive":{"passkey":"confirming"', 600_000],
  ['{"alive":{"passkey"', 120_000],
  ['"backoff"', 120_000],
  ['"wiping"', 10_000],
];

/** No attempt waits longer (ms): the cap, and twice the pause after a conflict. */
const longestWait = 120_000;

/** A session needs no more timers than these, of its states; a call that waits for it needs two. */
const timersOfSession = 6;
const timersOfCall = 2;

/** No two connections; none at all while the session rests or waits. */
export const checkConnections = ({ engine }: FakeWorld, name: string, session: Session | undefined): void => {
  const live = engine.live(name).length;
  if (live > 1) throw new Error(`${name} has ${live} connections`);
  if (live === 0) return;
  if (!session) throw new Error(`${name} is gone and has a connection`);
  const resting = (['stopped', 'failed', 'backoff'] as const).find((state) => session.isIn(state));
  if (resting) throw new Error(`${name} is ${resting} and has a connection`);
};

/** No state outlives its deadline, and no attempt is put off beyond the cap. Keeps when each session entered its state. */
export class Deadlines {
  readonly #since = new Map<string, { phase: string; at: number }>();

  /** `opened`: how many connections the session has had. */
  check(name: string, session: Session | undefined, { now, opened }: { now: number; opened: number }): void {
    if (!session) {
      this.#since.delete(name);
      return;
    }
    const { state, context } = session;
    const phase = [state, opened, context.qr.slot, context.pairingCode?.expiresAt].join(' ');
    if (this.#since.get(name)?.phase !== phase) this.#since.set(name, { phase, at: now });
    const [, limit] = deadlines.find(([prefix]) => state.startsWith(prefix)) ?? [state, Number.POSITIVE_INFINITY];
    const lasted = now - (this.#since.get(name)?.at ?? now);
    if (lasted > limit) throw new Error(`${name} has been in ${state} for ${lasted} ms`);
    const wait = (context.nextRetryAt ?? now) - now;
    if (wait > longestWait) throw new Error(`${name} waits ${wait} ms for its next attempt`);
  }
}

/** Statuses are news: none is told twice in a row, but a new QR code and what is new about WORKING. */
export class StatusNews {
  readonly #events: readonly RuntimeEvent[];
  readonly #last = new Map<string, string>();
  #read = 0;

  constructor(events: readonly RuntimeEvent[]) {
    this.#events = events;
  }

  check(): void {
    for (; this.#read < this.#events.length; this.#read++) {
      const event = this.#events[this.#read];
      if (event?.event !== 'session.status') continue;
      const { status, data } = event.payload as SessionStatusPayload;
      const mayRepeat = status === 'SCAN_QR_CODE' || (status === 'WORKING' && data !== null);
      const repeats = this.#last.get(event.session) === status && !mayRepeat;
      if (repeats) throw new Error(`${event.session} told ${status} twice in a row`);
      this.#last.set(event.session, status);
    }
  }
}

/** No timer outlives what it was for. `calls`: how many wait. */
export const checkTimers = ({ clock, sessions }: FakeWorld, calls: number): void => {
  const most = timersOfSession * sessions.all().length + timersOfCall * calls;
  if (clock.pending.size > most) throw new Error(`there are ${clock.pending.size} timers, ${most} are needed at most`);
};
