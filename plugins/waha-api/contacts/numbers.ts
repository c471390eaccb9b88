import { NumberStatus, type Route, type RouteGroup, route, type Sessions, Type } from 'waha-runtime';
import { failures } from '../schemas/chatting.ts';
import { BodySession } from '../schemas/session.ts';

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
    responses: { 200: { description: 'Whether it is', schema: NumberStatus }, ...failures },
    async handle({ query }) {
      const numbers = await sessions.capability(query.session ?? 'default', 'numbers');
      return numbers.check(query.phone);
    },
  });

/** The check of a number: of the tag Contacts, and by its old path of the tag Chatting. */
export const numberGroups = (sessions: Sessions): RouteGroup[] => [
  { tag: 'Contacts', routes: [checkRoute(sessions, '/api/contacts/check-exists', false)] },
  { tag: 'Chatting', routes: [checkRoute(sessions, '/api/checkNumberStatus', true)] },
];
