import {
  MeInfo,
  maySee,
  type Route,
  type RouteGroup,
  route,
  type SessionMoving,
  type Sessions,
  Transition,
  Type,
} from 'waha-runtime';
import {
  CreateRequest,
  LogoutAnswer,
  LogoutOptions,
  PatchRequest,
  SessionDTO,
  SessionInfoSchema,
  SessionParams,
  UpdateRequest,
} from '../schemas/session.ts';
import type { SessionApps } from './apps.ts';
import { deprecatedSessionRoutes, namedInBody } from './deprecated.ts';
import { limitRoutes } from './limits.ts';
import { movingRoutes } from './moving.ts';
import { checkedConfig, mergePatch } from './patch.ts';
import { clearly, presentInfo, presentLogout, presentSession, SessionsAsJson, viewOf } from './present.ts';

/** The tag Sessions: accounts come, go, start and stop. */
export const sessionGroup = (sessions: Sessions, apps: SessionApps, moving?: SessionMoving): RouteGroup => ({
  tag: 'Sessions',
  description: 'A session is one WhatsApp account; its name is its id',
  routes: [
    ...readRoutes(sessions, apps),
    createRoute(sessions, apps),
    ...changeRoutes(sessions, apps),
    ...commandRoutes(sessions, apps),
    ...(moving ? movingRoutes(moving) : []),
    ...deprecatedSessionRoutes(sessions),
  ],
});

const expand = Type.Optional(
  Type.Array(Type.Enum(['apps'], { type: 'string' }), { description: '`apps` adds `apps`' }),
);
const unknownSession = { 404: { description: 'There is no such session' } };

const listRoute = (sessions: Sessions, apps: SessionApps): Route => {
  const lists = { all: new SessionsAsJson(), running: new SessionsAsJson() };
  return route({
    method: 'GET',
    path: '/api/sessions',
    session: 'any',
    right: 'any',
    summary: 'List the sessions',
    query: Type.Object({
      all: Type.Optional(Type.Boolean({ description: 'Stopped ones, too' })),
      expand,
    }),
    responses: {
      200: { description: 'Running sessions; all of them with `all=true`', schema: Type.Array(SessionInfoSchema) },
    },
    handle({ query, principal }) {
      const listed = query.all ? sessions.list() : sessions.list().filter(({ status }) => status !== 'STOPPED');
      const wanted = principal.sessions === '*' ? listed : listed.filter(({ name }) => maySee(principal, name));
      const show = viewOf(principal);
      const withApps = query.expand?.includes('apps') ?? false;
      if (principal.sessions === '*' && show === clearly && !withApps)
        return lists[query.all ? 'all' : 'running'].of(wanted);
      return wanted.map((session) => presentInfo(session, withApps ? apps.shown(session.name, principal) : null, show));
    },
  });
};

const readRoutes = (sessions: Sessions, apps: SessionApps): Route[] => [
  listRoute(sessions, apps),
  route({
    method: 'GET',
    path: '/api/sessions/{session}',
    right: 'any',
    summary: 'Get a session',
    params: SessionParams,
    query: Type.Object({ expand }),
    responses: { 200: { description: 'The session', schema: SessionInfoSchema }, ...unknownSession },
    handle({ params: { session }, query, principal }) {
      const shown = query.expand?.includes('apps') ? apps.shown(session, principal) : null;
      return presentInfo(sessions.get(session), shown, viewOf(principal));
    },
  }),
  route({
    method: 'GET',
    path: '/api/sessions/{session}/me',
    right: 'any',
    summary: 'Get the account that is logged in',
    params: SessionParams,
    responses: {
      200: { description: 'The account, or null when none is', schema: Type.Union([MeInfo, Type.Null()]) },
      ...unknownSession,
    },
    handle: ({ params }) => sessions.me(params.session),
  }),
  ...limitRoutes(sessions),
  route({
    method: 'GET',
    path: '/api/sessions/{session}/transitions',
    right: 'any',
    summary: 'List the latest changes of status, and of reasons while it stays',
    params: SessionParams,
    responses: { 200: { description: 'Oldest first', schema: Type.Array(Transition) }, ...unknownSession },
    handle: ({ params }) => sessions.transitions(params.session),
  }),
];

const createRoute = (sessions: Sessions, apps: SessionApps): Route =>
  route({
    method: 'POST',
    path: '/api/sessions',
    session: namedInBody,
    right: 'setting',
    summary: 'Create a session',
    description: 'Starts it, too, unless `start` is false. Use PUT to change one that exists.',
    body: CreateRequest,
    responses: {
      201: { description: 'The session', schema: SessionDTO },
      422: { description: 'A session of this name exists' },
    },
    async handle({ body: { name, config, start = true, ...body }, principal }) {
      const wish = apps.checked(name ?? '', body.apps, principal);
      const created = await sessions.create({
        ...(name ? { name } : {}),
        ...(config ? { config } : {}),
        start: start && wish === null,
      });
      if (wish === null) return presentSession(created, viewOf(principal));
      await apps.give(created.name, wish, sessions);
      return presentSession(
        await (start ? sessions.start(created.name) : sessions.get(created.name)),
        viewOf(principal),
      );
    },
  });

const patchRoute = (sessions: Sessions, apps: SessionApps): Route =>
  route({
    method: 'PATCH',
    path: '/api/sessions/{session}',
    right: 'setting',
    summary: "Change a part of a session's config",
    description:
      'What is given replaces what there was, field by field; null takes a field away. Lists are replaced whole.',
    params: SessionParams,
    body: PatchRequest,
    responses: { 200: { description: 'The session', schema: SessionDTO }, ...unknownSession },
    async handle({ params, body, principal }) {
      const { config } = sessions.get(params.session);
      const wish = apps.checked(params.session, body.apps, principal);
      const merged = checkedConfig(mergePatch(config, body.config ?? {}));
      const updated = await sessions.update(params.session, merged);
      await apps.replace(params.session, wish);
      return presentSession(updated, viewOf(principal));
    },
  });

const changeRoutes = (sessions: Sessions, apps: SessionApps): Route[] => [
  route({
    method: 'PUT',
    path: '/api/sessions/{session}',
    right: 'setting',
    summary: "Replace a session's config",
    description:
      'Webhooks, metadata, ignore and debug apply at once; proxy, client and noweb restart it, without a new QR.',
    params: SessionParams,
    body: UpdateRequest,
    responses: { 200: { description: 'The session', schema: SessionDTO }, ...unknownSession },
    async handle({ params, body, principal }) {
      sessions.get(params.session);
      const wish = apps.checked(params.session, body.apps, principal);
      const updated = await sessions.update(params.session, body.config ?? {});
      await apps.replace(params.session, wish);
      return presentSession(updated, viewOf(principal));
    },
  }),
  patchRoute(sessions, apps),
  route({
    method: 'DELETE',
    path: '/api/sessions/{session}',
    right: 'delete',
    summary: 'Delete a session',
    description: 'Stops it, logs it out, removes its config and data. Deleting an unknown one is fine.',
    params: SessionParams,
    responses: { 200: { description: 'It is gone' } },
    handle: ({ params }) => sessions.remove(params.session),
  }),
];

const command = (name: 'start' | 'stop' | 'restart', summary: string, sessions: Sessions): Route =>
  route({
    method: 'POST',
    path: `/api/sessions/{session}/${name}`,
    right: 'control',
    summary,
    params: SessionParams,
    responses: { 201: { description: 'The session', schema: SessionDTO }, ...unknownSession },
    handle: async ({ params, principal }) => presentSession(await sessions[name](params.session), viewOf(principal)),
  });

const commandRoutes = (sessions: Sessions, apps: SessionApps): Route[] => [
  command('start', 'Start a session, unless it runs', sessions),
  command('stop', 'Stop a session, unless it is stopped', sessions),
  command('restart', 'Stop and start a session', sessions),
  route({
    method: 'POST',
    path: '/api/sessions/{session}/logout',
    right: 'control',
    summary: 'Unlink the account',
    description: 'Wipes the credentials and keeps the config. A running session starts again with a fresh QR code.',
    params: SessionParams,
    body: LogoutOptions,
    responses: {
      201: { description: 'The session, and whether WhatsApp was told', schema: LogoutAnswer },
      ...unknownSession,
    },
    async handle({ params, body, principal }) {
      const report = await sessions.logout(params.session);
      if (body.apps?.purge) await apps.purge(params.session);
      return presentLogout(report, viewOf(principal));
    },
  }),
];
