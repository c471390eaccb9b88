import { ContactInfo, type Route, type RouteGroup, route, SessionName, type Sessions, Type } from 'waha-runtime';
import { ChatId, given } from '../schemas/chatting.ts';
import { listed, readingFailures, sortOrder } from '../schemas/lists.ts';
import { BodySession } from '../schemas/session.ts';
import { lidRoutes } from './lids.ts';
import { numberGroups } from './numbers.ts';
import { peopleRoutes } from './people.ts';

const ListQuery = Type.Object({
  session: BodySession,
  sortBy: Type.Optional(Type.Enum(['id', 'name'], { type: 'string' })),
  sortOrder,
  ...listed(),
});

/** The tag Contacts: who people are, and who is behind a hidden id. */
export const contactsGroups = (sessions: Sessions): RouteGroup[] => [
  {
    tag: 'Contacts',
    description: 'Contacts, from the session’s store (`config.noweb.store.enabled`)',
    routes: [listRoute(sessions), getByQuery(sessions), getByPath(sessions), ...lidRoutes(sessions)],
  },
  ...numberGroups(sessions),
  { tag: 'Contacts', routes: peopleRoutes(sessions) },
];

const one = {
  200: { description: 'The contact; null when nothing is known of it', schema: Type.Union([ContactInfo, Type.Null()]) },
  ...readingFailures,
};

const listRoute = (sessions: Sessions): Route =>
  route({
    method: 'GET',
    path: '/api/contacts/all',
    summary: 'List contacts',
    query: ListQuery,
    responses: { 200: { description: 'The contacts', schema: Type.Array(ContactInfo) }, ...readingFailures },
    async handle({ query: { session = 'default', ...query } }) {
      return (await sessions.capability(session, 'contactReading')).list(given(query));
    },
  });

const getByQuery = (sessions: Sessions): Route =>
  route({
    method: 'GET',
    path: '/api/contacts',
    summary: 'Get a contact',
    query: Type.Object({ contactId: ChatId, session: BodySession }),
    responses: one,
    async handle({ query }) {
      return (await sessions.capability(query.session ?? 'default', 'contactReading')).get(query.contactId);
    },
  });

const getByPath = (sessions: Sessions): Route =>
  route({
    method: 'GET',
    path: '/api/{session}/contacts/{id}',
    summary: 'Get a contact',
    params: Type.Object({ session: SessionName, id: ChatId }),
    responses: one,
    async handle({ params }) {
      return (await sessions.capability(params.session, 'contactReading')).get(params.id);
    },
  });
