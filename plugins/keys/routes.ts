import { type Route, type RouteGroup, route, type Static, secretMask, Type } from 'waha-runtime';
import type { KeyBook, ShownKey } from './key-book.ts';
import { ApiKeyDTO, ApiKeyRequest, RotateRequest, ScopedApiKeyRequest } from './schemas.ts';

/** The tag Api Keys: for admins, but for the two that everybody may give away of what they may themselves. */
export const keysGroup = (book: KeyBook): RouteGroup => ({
  tag: 'Api Keys',
  description: 'Keys for the whole server, and keys that are limited to some sessions and actions',
  routes: [...listRoutes(book), ...scopedRoutes(book), ...oneRoutes(book)],
});

const Params = Type.Object({ id: Type.String({ minLength: 1, maxLength: 200 }) });
const unknownKey = { 404: { description: 'There is no such key' } };
const impossible = {
  422: { description: 'The key is contradictory, the session does not exist, or the key cannot be changed here' },
};

const listRoutes = (book: KeyBook): Route[] => [
  route({
    method: 'POST',
    path: '/api/keys',
    right: 'admin',
    session: 'none',
    summary: 'Make a key',
    body: ApiKeyRequest,
    responses: { 201: { description: 'The key', schema: ApiKeyDTO }, ...impossible },
    handle: async ({ body }) => present(await book.create(body)),
  }),
  route({
    method: 'GET',
    path: '/api/keys',
    right: 'admin',
    session: 'none',
    summary: 'List the keys',
    description: 'The list does not contain the key of the server’s config.',
    responses: { 200: { description: 'The oldest first', schema: Type.Array(ApiKeyDTO) } },
    handle: () => book.list().map(present),
  }),
];

const scopedRoutes = (book: KeyBook): Route[] => [
  scoped(book, 'media', 'read', 'Get the key that opens the files of a session, and nothing else'),
  scoped(book, 'control', 'control', 'Get the key that starts, stops and links a session, and nothing else'),
];

const scoped = (book: KeyBook, what: 'media' | 'control', right: 'read' | 'control', summary: string): Route =>
  route({
    method: 'POST',
    path: `/api/keys/${what}`,
    right,
    session: 'body',
    summary,
    description: 'The key is created if it does not exist.',
    body: ScopedApiKeyRequest,
    responses: { 201: { description: 'The key', schema: ApiKeyDTO }, ...impossible },
    async handle({ body: { session } }) {
      const none = { read: false, send: false, control: what === 'control', setting: false, app: false, delete: false };
      const fresh = { isAdmin: false, isActive: true, sessions: [session], actions: none };
      return present(await book.getOrCreate(`key_id_${what}_${session}`, fresh));
    },
  });

const oneRoutes = (book: KeyBook): Route[] => [changeRoute(book), rotateRoute(book), removeRoute(book)];

const changeRoute = (book: KeyBook): Route =>
  route({
    method: 'PUT',
    path: '/api/keys/{id}',
    right: 'admin',
    session: 'none',
    summary: 'Change what a key may do',
    description:
      'The value of the key does not change: see rotate. If `note`, `expiresAt` and `rateLimit` are absent, they do not change.',
    params: Params,
    body: ApiKeyRequest,
    responses: { 200: { description: 'The key', schema: ApiKeyDTO }, ...unknownKey, ...impossible },
    handle: async ({ params, body }) => present(await book.change(params.id, body)),
  });

const removeRoute = (book: KeyBook): Route =>
  route({
    method: 'DELETE',
    path: '/api/keys/{id}',
    right: 'admin',
    session: 'none',
    summary: 'Delete a key',
    params: Params,
    responses: {
      200: { description: 'The key is deleted', schema: Type.Object({ result: Type.Boolean() }) },
      ...unknownKey,
      ...impossible,
    },
    async handle({ params }) {
      await book.remove(params.id);
      return { result: true };
    },
  });

const rotateRoute = (book: KeyBook): Route =>
  route({
    method: 'POST',
    path: '/api/keys/{id}/rotate',
    right: 'admin',
    session: 'none',
    summary: 'Give a key a new value',
    description:
      'The old value stays valid for a while, so that its users can change to the new one; values of earlier rotations stay valid until their own end. With `overlapSeconds: 0` only the new value is valid.',
    params: Params,
    body: RotateRequest,
    responses: { 201: { description: 'The key', schema: ApiKeyDTO }, ...unknownKey, ...impossible },
    handle: async ({ params, body }) => present(await book.rotate(params.id, body.overlapSeconds ?? 3_600)),
  });

const present = ({ stored, secret }: ShownKey): Static<typeof ApiKeyDTO> => {
  const { id, isActive, isAdmin, sessions, actions, note, expiresAt, rateLimit, createdAt, lastUsedAt, owner } = stored;
  const [only] = sessions;
  const isOne = sessions.length === 1 && only !== undefined && !only.endsWith('*');
  return {
    ...{ id, key: secret ?? secretMask, isActive, isAdmin },
    session: isOne ? only : null,
    actions: actions && { ...actions },
    sessions: [...sessions],
    ...{ note, expiresAt, rateLimit: rateLimit && { seconds: 60, ...rateLimit }, createdAt, lastUsedAt, owner },
    previousKeyUntil: stored.previous.length > 0 ? Math.max(...stored.previous.map(({ until }) => until)) : null,
  };
};
