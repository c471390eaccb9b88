import { type BreakerLimits, CircuitBreaker } from '../circuit-breaker.ts';
import type { ClientPolicy } from '../contracts/client-policy.ts';
import type { Clock } from '../contracts/clock.ts';
import type { EventName } from '../contracts/event-names.ts';
import type { EventFilter, EventSink, RuntimeEvent } from '../contracts/events.ts';
import type { Route, RouteGroup } from '../contracts/http.ts';
import type { Log } from '../contracts/log.ts';
import type { Point } from '../contracts/token.ts';
import { Points } from '../tokens.ts';
import { guardFilter } from './guarded-filter.ts';
import { guardPolicy } from './guarded-policy.ts';
import { guardRoute } from './guarded-route.ts';
import type { SessionScope } from './session-scope.ts';

export interface GuardOptions {
  readonly log: Log;
  readonly clock: Clock;
  readonly scope: SessionScope;
  /** The breakers of the plugin's options, in order of contribution. */
  readonly breakers: CircuitBreaker[];
  /** Its routes are never suspended: what takes `POST /api/sendText` from everybody must not be one caller's doing. */
  readonly isBuiltIn: boolean;
}

const usual: BreakerLimits = { maxFailures: 5, suspension: 30_000 };
/** One client's odd requests shall not take a route from everyone. */
const forRoutes: BreakerLimits = { maxFailures: 20, suspension: 10_000 };

/**
 * Puts a fence around what a plugin contributes, by its point: it sees its own sessions only, and a part that keeps
 * failing or hanging is taken out for a while without the others noticing. (Sinks have theirs at the bus, indicators
 * theirs in the health check.)
 */
export const guard = <T>(point: Point<T>, value: T, options: GuardOptions): T => {
  const guarded = fences.get(point)?.(value, options);
  return guarded === undefined ? value : (guarded as T);
};

type Fence = (value: unknown, options: GuardOptions) => unknown;

const fences: ReadonlyMap<symbol, Fence> = new Map<symbol, Fence>([
  [Points.EventSink, (sink, options) => guardSink(sink as EventSink, options)],
  [
    Points.EventFilter,
    (filter, options) => {
      const { name } = filter as EventFilter;
      return guardFilter(filter as EventFilter, { ...options, breaker: breakerOf(`filter '${name}'`, options, usual) });
    },
  ],
  [Points.Routes, (group, options) => guardRoutes(group as RouteGroup, options)],
  [
    Points.ClientPolicy,
    (policy, options) => {
      const { name } = policy as ClientPolicy;
      return guardPolicy(policy as ClientPolicy, {
        ...options,
        breaker: breakerOf(`policy '${name}'`, options, usual),
      });
    },
  ],
]);

const breakerOf = (name: string, { log, clock, breakers }: GuardOptions, limits: BreakerLimits): CircuitBreaker => {
  const breaker = new CircuitBreaker({ ...limits, clock, report: { name, log } });
  breakers.push(breaker);
  return breaker;
};

/** The sink itself, seen through its sessions; marks that its plugin put on it stay. */
const guardSink = (sink: EventSink, { scope }: GuardOptions): EventSink => {
  const accepts = (event: RuntimeEvent) => scope.includes(event.session) && sink.accepts?.(event) !== false;
  const wants = (event: EventName, session: string) => scope.includes(session) && sink.wants?.(event, session) === true;
  return new Proxy(sink, {
    get(target, key) {
      if (key === 'accepts') return accepts;
      if (key === 'wants') return wants;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
};

/** For parts that go on whatever fails. */
const never: BreakerLimits = { maxFailures: Number.POSITIVE_INFINITY, suspension: 0 };

/** A group's routes are read when the server mounts them: a plugin may know them only then. */
const guardRoutes = (group: RouteGroup, options: GuardOptions): RouteGroup => {
  let guarded: readonly Route[] | undefined;
  const guardOne = (route: Route) =>
    guardRoute(route, {
      ...options,
      breaker: breakerOf(`route '${route.method} ${route.path}'`, options, options.isBuiltIn ? never : forRoutes),
    });
  const { tag, description, webhooks } = group;
  return {
    tag,
    ...(description === undefined ? {} : { description }),
    ...(webhooks === undefined ? {} : { webhooks }),
    get routes() {
      guarded ??= group.routes.map(guardOne);
      return guarded;
    },
  };
};
