import { named, type Route, type RouteGroup, route, type Sessions, Type } from 'waha-runtime';
import { failures } from './chatting-schemas.ts';
import { BodySession, SessionParams } from './session-schemas.ts';

const WANumberExistResult = named(
  'WANumberExistResult',
  Type.Object({
    numberExists: Type.Boolean(),
    chatId: Type.Optional(Type.String({ description: 'Where to write to', examples: ['11111111111@c.us'] })),
  }),
);
const NewMessageIDResponse = named('NewMessageIDResponse', Type.Object({ id: Type.String() }));
const Query = Type.Object({
  phone: Type.String({ minLength: 1, maxLength: 100, examples: ['11111111111'] }),
  session: BodySession,
});

const checkRoute = (sessions: Sessions, path: string, deprecated: boolean): Route =>
  route({
    method: 'GET',
    path,
    summary: 'Check whether a number is on WhatsApp',
    ...(deprecated ? { deprecated } : {}),
    query: Query,
    responses: { 200: { description: 'Whether it is', schema: WANumberExistResult }, ...failures },
    async handle({ query }) {
      const numbers = await sessions.capability(query.session ?? 'default', 'numbers');
      return numbers.check(query.phone);
    },
  });

/** `GET /api/checkNumberStatus`, of the tag Chatting. */
export const checkNumberRoute = (sessions: Sessions): Route => checkRoute(sessions, '/api/checkNumberStatus', true);

/** The check of a number, of the tag Contacts. */
export const checkExistsGroup = (sessions: Sessions): RouteGroup => ({
  tag: 'Contacts',
  routes: [checkRoute(sessions, '/api/contacts/check-exists', false)],
});

/** An id to send a message under. */
export const newMessageIdRoute = (sessions: Sessions): Route =>
  route({
    method: 'GET',
    path: '/api/{session}/new-message-id',
    summary: 'Make an id to send a message under',
    params: SessionParams,
    responses: { 200: { description: 'A fresh id', schema: NewMessageIDResponse }, ...failures },
    async handle({ params }) {
      const ids = await sessions.capability(params.session, 'messageIds');
      return { id: await ids.create() };
    },
  });
