import { type Clock, type Collection, defineCollection, type RowOf, type Sessions } from 'waha-runtime';
import type { Policy } from './config.ts';
import { daysBetween, isWithin, localTime, minuteOf, nextAt } from './local-time.ts';

/** What is counted of a session's new chats. */
export const pacingSessions = defineCollection({
  name: 'pacing_sessions',
  columns: {
    session: { type: 'text' },
    /** The first day of its warm-up. */
    began: { type: 'text' },
    day: { type: 'text' },
    newChats: { type: 'integer' },
    isPaused: { type: 'integer' },
  },
  key: ['session'],
});
export type PacingSession = RowOf<typeof pacingSessions>;

/** Why a message may not go out now. */
export const holdReasons = ['quiet_hours', 'new_chats_per_day', 'reachout_timelock', 'message_capping'] as const;
export type HoldReason = (typeof holdReasons)[number];

export interface Hold {
  readonly reason: HoldReason;
  /** ms since the epoch. */
  readonly until: number;
}

export interface HoldsOptions {
  readonly rows: Collection<PacingSession>;
  readonly sessions: Sessions;
  readonly clock: Clock;
  policyOf(session: string): Policy;
}

/** WhatsApp does not always say until when a limit holds: it is tried again after this (ms). */
const UNSAID_MS = 3_600_000;

/** Whether a session's policies, or WhatsApp's limits of its account, let a message out now. */
export class Holds {
  readonly #options: HoldsOptions;
  readonly #sessions = new Map<string, PacingSession>();

  constructor(options: HoldsOptions) {
    this.#options = options;
  }

  async load(): Promise<void> {
    for (const row of await this.#options.rows.find()) this.#sessions.set(row.session, row);
  }

  /** Reads what another process counted of it meanwhile. */
  async take(session: string): Promise<void> {
    const row = await this.#options.rows.get({ session });
    if (row) this.#sessions.set(session, row);
    else this.#sessions.delete(session);
  }

  release(session: string): void {
    this.#sessions.delete(session);
  }

  of(session: string, chats: 'known' | 'new'): Hold | null {
    const policy = this.#options.policyOf(session);
    const now = this.#options.clock.now();
    const local = localTime(now, policy.timeZone ?? 'UTC');
    const quiet = quietHold(policy, chats, now, local.minute);
    if (quiet || chats === 'known') return quiet;
    return this.#limit(session, policy, now) ?? this.#cap(session, policy, now, local);
  }

  /** How many new chats a session may begin today; null without a cap. */
  capOf(session: string): number | null {
    const { newChatsPerDay, warmUp, timeZone } = this.#options.policyOf(session);
    if (newChatsPerDay === undefined) return null;
    if (!warmUp) return newChatsPerDay;
    const { date } = localTime(this.#options.clock.now(), timeZone ?? 'UTC');
    const day = Math.min(warmUp.days, daysBetween(this.#row(session, date).began, date));
    // A session's own cap may be lower than where the warm-up of the YAML begins.
    const from = Math.min(warmUp.from, newChatsPerDay);
    return Math.round(from + ((newChatsPerDay - from) * day) / warmUp.days);
  }

  /** A new chat begins. Gives the way to take that back. */
  count(session: string): () => Promise<void> {
    if (this.#options.policyOf(session).newChatsPerDay === undefined) return async () => undefined;
    const { date } = localTime(this.#options.clock.now(), this.#options.policyOf(session).timeZone ?? 'UTC');
    const row = this.#row(session, date);
    this.#sessions.set(session, { ...row, newChats: row.newChats + 1 });
    return async () => {
      const now = this.#row(session, date);
      if (now.day === date) await this.#put({ ...now, newChats: Math.max(0, now.newChats - 1) });
    };
  }

  /** What is counted becomes durable. */
  async keep(session: string): Promise<void> {
    const row = this.#sessions.get(session);
    if (row) await this.#put(row);
  }

  isPaused(session: string): boolean {
    return this.#sessions.get(session)?.isPaused === 1;
  }

  async pause(session: string, paused: boolean): Promise<void> {
    const { date } = localTime(this.#options.clock.now(), this.#options.policyOf(session).timeZone ?? 'UTC');
    await this.#put({ ...this.#row(session, date), isPaused: paused ? 1 : 0 });
  }

  async remove(session: string): Promise<void> {
    this.#sessions.delete(session);
    await this.#options.rows.remove({ session });
  }

  #cap(session: string, policy: Policy, now: number, { date, minute }: { date: string; minute: number }): Hold | null {
    const cap = this.capOf(session);
    if (cap === null || policy.newChatsPerDay === undefined) return null;
    if (this.#row(session, date).newChats < cap) return null;
    return { reason: 'new_chats_per_day', until: nextAt(now, minute, 0) };
  }

  #limit(session: string, { heedLimits }: Policy, now: number): Hold | null {
    if (!heedLimits || !this.#options.sessions.has(session)) return null;
    const { reachoutTimelock: lock, messageCapping: quota } = this.#options.sessions.get(session).me ?? {};
    if (lock?.isActive) return { reason: 'reachout_timelock', until: endOf(lock.timeEnforcementEnds, now) };
    if (quota?.cappingStatus !== 'CAPPED') return null;
    return { reason: 'message_capping', until: endOf(quota.cycleEnd, now) };
  }

  /** What is counted today. */
  #row(session: string, date: string): PacingSession {
    const row = this.#sessions.get(session) ?? { session, began: date, day: date, newChats: 0, isPaused: 0 };
    const today = row.day === date ? row : { ...row, day: date, newChats: 0 };
    this.#sessions.set(session, today);
    return today;
  }

  async #put(row: PacingSession): Promise<void> {
    this.#sessions.set(row.session, row);
    await this.#options.rows.put(row);
  }
}

const quietHold = ({ quietHours }: Policy, chats: 'known' | 'new', now: number, minute: number): Hold | null => {
  if (!quietHours || (quietHours.chats === 'new' && chats === 'known')) return null;
  const [from, to] = [minuteOf(quietHours.from), minuteOf(quietHours.to)];
  return isWithin(minute, from, to) ? { reason: 'quiet_hours', until: nextAt(now, minute, to) } : null;
};

const endOf = (seconds: number | null | undefined, now: number): number =>
  seconds == null || seconds * 1000 <= now ? now + UNSAID_MS : seconds * 1000;
