import {
  AppId,
  AppInfo,
  AppRequest,
  badRequest,
  notFound,
  type Route,
  type RouteGroup,
  route,
  SessionName,
  type Sessions,
  Type,
} from 'waha-runtime';
import type { AppBook } from './app-book.ts';

/** The tag Apps. */
export const appsGroup = (book: AppBook, sessions: Pick<Sessions, 'get'>): RouteGroup => ({
  tag: 'Apps',
  description: 'Integrations of a session, and the API for AI agents',
  routes: [listRoute(book, sessions), createRoute(book), ...oneRoutes(book), purgeRoute(book)],
});

const Params = Type.Object({ id: AppId });
const unknown = { 404: { description: 'There is no such app' } };
const impossible = { 422: { description: 'The type does not exist, or the session has an app of this type already' } };

const listRoute = (book: AppBook, sessions: Pick<Sessions, 'get'>): Route =>
  route({
    method: 'GET',
    path: '/api/apps',
    right: 'app',
    session: 'query',
    summary: 'List the apps of a session',
    query: Type.Object({ session: SessionName }),
    responses: { 200: { description: 'Its apps', schema: Type.Array(AppInfo) } },
    handle({ query: { session } }) {
      sessions.get(session);
      return book.list(session, { secrets: true });
    },
  });

const createRoute = (book: AppBook): Route =>
  route({
    method: 'POST',
    path: '/api/apps',
    right: 'app',
    session: 'body',
    summary: 'Give a session an app',
    body: AppRequest,
    responses: { 201: { description: 'The app', schema: AppInfo }, ...impossible },
    async handle({ body }) {
      const { session } = body;
      if (session === undefined) throw badRequest('session is required');
      return book.create({ ...body, session });
    },
  });

/** The session of the app that a path names, so that nobody reaches an app of others. */
const sessionOfApp =
  (book: AppBook) =>
  ({ params }: { readonly params: unknown }): string | undefined =>
    book.sessionOf((params as { readonly id: string }).id);

const oneRoutes = (book: AppBook): Route[] => [
  route({
    method: 'GET',
    path: '/api/apps/{id}',
    right: 'app',
    session: sessionOfApp(book),
    summary: 'Get an app',
    params: Params,
    responses: { 200: { description: 'The app', schema: AppInfo }, ...unknown },
    handle: ({ params }) => book.get(params.id),
  }),
  changeRoute(book),
  route({
    method: 'DELETE',
    path: '/api/apps/{id}',
    right: 'app',
    session: sessionOfApp(book),
    summary: 'Delete an app',
    params: Params,
    responses: { 200: { description: 'The app and all its data are deleted' }, ...unknown },
    handle: ({ params }) => book.remove(params.id),
  }),
];

const changeRoute = (book: AppBook): Route =>
  route({
    method: 'PUT',
    path: '/api/apps/{id}',
    right: 'app',
    session: ({ params, body }) =>
      [sessionOfApp(book)({ params }), (body as AppRequest | undefined)?.session].filter((name) => name !== undefined),
    summary: 'Change an app, or make it',
    description: 'The session stays connected. The type and the session of an app cannot change.',
    params: Params,
    body: AppRequest,
    responses: { 200: { description: 'The app', schema: AppInfo }, ...unknown, ...impossible },
    async handle({ params, body }) {
      if (body.id && body.id !== params.id)
        throw notFound(`the body is about app '${body.id}', the path about another`);
      return book.put(params.id, body);
    },
  });

const purgeRoute = (book: AppBook): Route =>
  route({
    method: 'POST',
    path: '/api/apps/{id}/purge',
    right: 'app',
    session: sessionOfApp(book),
    summary: 'Forget what an app has learned',
    description:
      'Deletes the data that the app has collected, and keeps its config. Which data these are depends on the type.',
    params: Params,
    responses: {
      201: { description: 'The data are deleted', schema: Type.Object({ result: Type.Boolean() }) },
      ...unknown,
    },
    async handle({ params }) {
      await book.purgeOne(params.id);
      return { result: true };
    },
  });
