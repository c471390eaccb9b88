import { demandRight, mayDo, maySee } from '../callers.ts';
import type { NamedInRequest, Principal, Right, Route, RouteSession } from '../contracts/http.ts';
import { forbidden } from '../errors.ts';

/** Where a route says its session, as declared, else where its schemas have a field of that name. */
export const sessionPlace = (route: Route): RouteSession => {
  if (route.session !== undefined) return route.session;
  const places = [
    ['params', route.params],
    ['query', route.query],
    ['body', route.body],
  ] as const;
  return (
    places.find(([, schema]) => Object.hasOwn((schema as Shape | undefined)?.properties ?? {}, 'session'))?.[0] ??
    'none'
  );
};

interface Shape {
  readonly properties?: Readonly<Record<string, unknown>>;
}

/**
 * The one check of whether a caller may use the session that a request is about. Throws `FORBIDDEN`. A caller of some
 * sessions may not use what concerns no session in particular, unless the route says `any`; and where the session may be
 * left out, leaving it out means all of them.
 */
export const checkSession = (place: RouteSession, principal: Principal, named: NamedInRequest): void => {
  if (principal.sessions === '*' || place === 'any') return;
  if (place === 'none') throw forbidden('this key is for some sessions only, and this concerns the whole server');
  const asked =
    typeof place === 'function' ? place(named) : (named[place] as { session?: unknown } | undefined)?.session;
  const sessions = [asked ?? []].flat();
  if (sessions.length === 0) throw forbidden('this key is for some sessions only; name one of them');
  for (const session of sessions) {
    if (!maySee(principal, String(session))) throw forbidden(`this key is not for session '${String(session)}'`);
  }
};

/** Whether it is known before the body is read: a stranger's body is not even buffered. */
export const isKnownEarly = (place: RouteSession): boolean => place !== 'body' && typeof place !== 'function';

/** What a route asks for, as declared, else by its method and by whom it concerns: nothing that changes the whole server is free by default. */
export const rightOf = (route: Route): Right | 'any' => {
  if (route.right !== undefined) return route.right;
  if (route.method === 'GET') return 'read';
  return sessionPlace(route) === 'none' ? 'admin' : 'send';
};

/** Throws `FORBIDDEN` when the caller has not the right that the route asks for. */
export const checkRight = (route: Route, principal: Principal): void => {
  if (route.access === 'public') return;
  const needed = rightOf(route);
  if (needed !== 'any') demandRight(principal, needed);
};

/** Whether a caller may call a route at all, of one session or another. */
export const mayCall = (route: Route, principal: Principal): boolean => {
  const needed = rightOf(route);
  if (needed !== 'any' && !mayDo(principal, needed)) return false;
  return principal.sessions === '*' || sessionPlace(route) !== 'none';
};
