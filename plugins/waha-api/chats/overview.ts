import { ChatSummary, named, type Route, route, type Sessions, Type } from 'waha-runtime';
import { given } from '../schemas/chatting.ts';
import { listed, merge, readingFailures } from '../schemas/lists.ts';
import { SessionParams } from '../schemas/session.ts';

const Ids = Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { maxItems: 1000 });
const pagination = { merge, ...listed(20) };

const OverviewBodyRequest = named(
  'OverviewBodyRequest',
  Type.Object({
    pagination: named('GetChatsOverviewParams', Type.Object(pagination)),
    filter: Type.Optional(Type.Union([named('OverviewFilter', Type.Object({ ids: Type.Optional(Ids) })), Type.Null()])),
  }),
);
const Query = Type.Object({
  ...pagination,
  ids: Type.Optional(
    Type.Array(Type.String({ maxLength: 100_000 }), {
      maxItems: 1000,
      description: 'Only these chats; commas separate, too',
    }),
  ),
});

/** The chats with their newest messages, for the left side of an inbox. */
export const overviewRoutes = (sessions: Sessions): Route[] => [getRoute(sessions), postRoute(sessions)];

const path = '/api/{session}/chats/overview';
const schema = Type.Array(ChatSummary);

const getRoute = (sessions: Sessions): Route =>
  route({
    method: 'GET',
    path,
    summary: 'Get an overview of the chats, the newest first',
    params: SessionParams,
    query: Query,
    responses: { 200: { description: 'Chats with their newest message', schema }, ...readingFailures },
    async handle({ params, query: { ids, ...page } }) {
      const chats = await sessions.capability(params.session, 'chatReading');
      const wanted = ids?.flatMap((part) => part.split(',')).filter((id) => id !== '');
      return chats.overview(given({ limit: 20, ...given(page), ids: wanted }));
    },
  });

const postRoute = (sessions: Sessions): Route =>
  route({
    method: 'POST',
    right: 'read',
    path,
    summary: 'Get an overview of the chats, for many ids',
    params: SessionParams,
    body: OverviewBodyRequest,
    responses: { 201: { description: 'Chats with their newest message', schema }, ...readingFailures },
    async handle({ params, body: { pagination: page, filter } }) {
      const chats = await sessions.capability(params.session, 'chatReading');
      return chats.overview(given({ limit: 20, ...given(page), ids: filter?.ids }));
    },
  });
