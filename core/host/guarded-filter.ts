import type { CircuitBreaker } from '../circuit-breaker.ts';
import type { Clock } from '../contracts/clock.ts';
import type { EventFilter, RuntimeEvent } from '../contracts/events.ts';
import type { Log } from '../contracts/log.ts';
import type { SessionScope } from './session-scope.ts';

export interface FilterGuardOptions {
  readonly log: Log;
  readonly clock: Clock;
  readonly scope: SessionScope;
  readonly breaker: CircuitBreaker;
}

/** A filter that takes longer than this stops every event meanwhile (ms). */
const limit = 1_000;

/**
 * Puts a fence around a filter: it sees its own sessions only, answers an event or null, and leaves each event its place;
 * when it keeps failing it is passed over for a while.
 */
export const guardFilter = (filter: EventFilter, { log, clock, scope, breaker }: FilterGuardOptions): EventFilter => {
  const keepIdentity = identityKeeper(filter.name, log);
  const ask = (event: RuntimeEvent): RuntimeEvent | null => {
    const began = clock.now();
    const answer = answerOf(filter, event);
    const took = clock.now() - began;
    if (took > limit) breaker.fail(new Error(`it took ${took} ms`));
    else breaker.succeed();
    return answer;
  };
  return {
    name: filter.name,
    filter(event) {
      if (!scope.includes(event.session) || breaker.skips()) return event;
      const { id, timestamp } = event;
      try {
        const answer = ask(event);
        return answer && keepIdentity(answer, id, timestamp);
      } catch (error) {
        breaker.fail(error);
        return keepIdentity(event, id, timestamp);
      }
    },
  };
};

const answerOf = (filter: EventFilter, event: RuntimeEvent): RuntimeEvent | null => {
  const answer: unknown = filter.filter(event);
  if (answer instanceof Promise) {
    answer.catch(() => undefined);
    throw new TypeError('it answers with a promise, and a filter must answer at once');
  }
  if (answer === undefined) throw new TypeError('it answers nothing; null drops an event');
  if (answer === null || answer === event) return answer as RuntimeEvent | null;
  // The log refuses what is no event, or no JSON, and the event would be lost: as it was, it goes on.
  if (!isEvent(answer)) throw new TypeError('it answers what is no event; null drops one');
  JSON.stringify(answer);
  return answer;
};

const isEvent = (answer: unknown): answer is RuntimeEvent => {
  const { event, session } = Object(answer) as Partial<Record<keyof RuntimeEvent, unknown>>;
  return typeof event === 'string' && typeof session === 'string';
};

/** Puts id and timestamp back where a filter changes them, and says so once. */
const identityKeeper = (name: string, log: Log) => {
  let told = false;
  return (event: RuntimeEvent, id: string, timestamp: number): RuntimeEvent => {
    if (event.id === id && event.timestamp === timestamp) return event;
    if (!told)
      log.error(
        { id },
        `filter '${name}' changes the id or timestamp of events; both are put back, for the event log goes by them`,
      );
    told = true;
    return { ...event, id, timestamp };
  };
};
