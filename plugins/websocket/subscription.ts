import {
  badRequest,
  demandRight,
  didYouMean,
  type EventName,
  type EventSelector,
  eventNames,
  forbidden,
  type LoggedEvent,
  maySee,
  type Principal,
  selects,
} from 'waha-runtime';

/** What a client asked for in the query of its URL. */
export interface Subscription {
  /** Undefined: every session. A name that ends in `*` stands for all that begin so. */
  readonly sessions: readonly string[] | undefined;
  readonly events: readonly EventSelector[];
  /** The cursor of the last event that the client has, when it wants what came after that. */
  readonly since: number | undefined;
}

/** How far the event log goes. */
export interface LogEnd {
  readonly head: number;
}

/** Reads the query of `/ws`. Throws `BAD_REQUEST` that lists every fault, or `FORBIDDEN` for another's session. */
export const subscriptionOf = (query: URLSearchParams, principal: Principal, log: LogEnd): Subscription => {
  demandRight(principal, 'read');
  const faults: string[] = [];
  const events = wordsOf(query, 'events');
  for (const name of events) if (!isSelector(name)) faults.push(unknownEvent(name));
  const since = sinceOf(query, log, faults);
  if (faults.length > 0) throw badRequest(...faults);
  return { sessions: sessionsOf(wordsOf(query, 'session'), principal), events: events as EventSelector[], since };
};

/** True when the client gets the event. */
export const wants = (subscription: Subscription, { event }: LoggedEvent): boolean =>
  asksFor(subscription, event.event, event.session);

/** True when the client gets events of this name. */
export const asksFor = ({ sessions, events }: Subscription, event: EventName, session: string): boolean =>
  selects(events, event) && concerns({ sessions }, session);

/** True for a session that the client asked for. */
export const concerns = ({ sessions }: Pick<Subscription, 'sessions'>, session: string): boolean =>
  sessions === undefined || maySee({ sessions }, session);

/** The sessions by name, undefined when a name stands for many. */
export const namedSessions = ({ sessions }: Subscription): readonly string[] | undefined =>
  sessions?.some((name) => name.endsWith('*')) ? undefined : sessions;

/** `a=1,2&a=3` → 1, 2, 3; everything when there is none. */
const wordsOf = (query: URLSearchParams, name: string): string[] => {
  const words = query.getAll(name).flatMap((value) => value.split(','));
  const given = words.map((word) => word.trim()).filter((word) => word !== '');
  return given.length > 0 ? [...new Set(given)] : ['*'];
};

const isSelector = (name: string): boolean => name === '*' || eventNames.includes(name as EventName);

const unknownEvent = (name: string): string => {
  const shown = name.slice(0, 100);
  return `events: '${shown}' is not an event${didYouMean(shown, eventNames)}`;
};

const sessionsOf = (asked: readonly string[], principal: Principal): readonly string[] | undefined => {
  const { name, sessions } = principal;
  const all = asked.includes('*');
  if (sessions === '*') return all ? undefined : asked;
  if (all) return sessions;
  const refused = asked.find((session) => !maySee(principal, session));
  if (refused !== undefined) throw forbidden(`'${name}' may not listen to session '${refused.slice(0, 100)}'`);
  return asked;
};

const sinceOf = (query: URLSearchParams, { head }: LogEnd, faults: string[]): number | undefined => {
  const text = query.get('since');
  if (text === null) return undefined;
  const since = Number(text);
  if (!/^\d{1,16}$/.test(text) || !Number.isSafeInteger(since)) {
    faults.push('since must be the cursor of an event, a whole number');
  } else if (since > head) {
    faults.push(`since: ${since} is beyond the newest event (${head}): this is not the log that the cursor is from`);
  }
  return since;
};
