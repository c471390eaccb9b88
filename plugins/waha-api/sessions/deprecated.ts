import {
  demandRight,
  isRuntimeError,
  type Route,
  route,
  type SessionInfo,
  type Sessions,
  type Static,
} from 'waha-runtime';
import { LogoutRequest, SessionDTO, StartRequest, StopRequest } from '../schemas/session.ts';
import { presentSession, viewOf } from './present.ts';

/** Operations that older clients still call: the session's name is in the body. */
export const deprecatedSessionRoutes = (sessions: Sessions): Route[] => [
  startRoute(sessions),
  stopRoute(sessions),
  logoutRoute(sessions),
];

const startRoute = (sessions: Sessions): Route =>
  route({
    method: 'POST',
    path: '/api/sessions/start',
    session: namedInBody,
    right: 'control',
    summary: 'Create or update a session and start it',
    deprecated: true,
    body: StartRequest,
    responses: { 201: { description: 'The session', schema: SessionDTO } },
    async handle({ body, principal }) {
      if (body.config || !sessions.has(body.name)) demandRight(principal, 'setting');
      return presentSession(await createOrStart(sessions, body), viewOf(principal));
    },
  });

const stopRoute = (sessions: Sessions): Route =>
  route({
    method: 'POST',
    path: '/api/sessions/stop',
    session: namedInBody,
    right: 'control',
    summary: 'Stop a session; with `logout`, delete it',
    deprecated: true,
    body: StopRequest,
    responses: { 201: { description: 'It is stopped' } },
    async handle({ body: { name, logout }, principal }) {
      if (logout) demandRight(principal, 'delete');
      if (logout) await sessions.remove(name);
      else await sessions.stop(name);
    },
  });

const logoutRoute = (sessions: Sessions): Route =>
  route({
    method: 'POST',
    path: '/api/sessions/logout',
    session: namedInBody,
    right: 'delete',
    summary: 'Log a session out and delete it',
    deprecated: true,
    body: LogoutRequest,
    responses: { 201: { description: 'It is gone' } },
    handle: ({ body }) => sessions.remove(body.name),
  });

/** Of two calls at once one creates the session, and the other finds it. */
const createOrStart = async (
  sessions: Sessions,
  { name, config }: Static<typeof StartRequest>,
): Promise<SessionInfo> => {
  try {
    return await sessions.create({ name, start: true, ...(config ? { config } : {}) });
  } catch (error) {
    if (!isRuntimeError(error, 'SESSION_EXISTS')) throw error;
    if (config) await sessions.update(name, config);
    return sessions.start(name);
  }
};

/** These name their session in `name`; one without a name makes up a new one, which is for callers of all sessions. */
export const namedInBody = ({ body }: { readonly body: unknown }): string | undefined =>
  (body as { readonly name?: string | null }).name ?? undefined;
