import {
  badRequest,
  named,
  PresencePayload,
  PresenceState,
  type Route,
  type RouteGroup,
  route,
  type Sessions,
  type Static,
  Type,
} from 'waha-runtime';
import { ChatParams, failures } from '../schemas/chatting.ts';
import { SessionParams } from '../schemas/session.ts';

const WAHASessionPresence = named(
  'WAHASessionPresence',
  Type.Object({
    chatId: Type.Optional(
      Type.Union([Type.String(), Type.Null()], { description: 'Where, for `typing`, `recording` and `paused`' }),
    ),
    presence: PresenceState,
  }),
);

/** The tag Presence: who is online, and who types. */
export const presenceGroup = (sessions: Sessions): RouteGroup => ({
  tag: 'Presence',
  description: 'Show what you are doing, and see what others do',
  routes: [setRoute(sessions), listRoute(sessions), getRoute(sessions), subscribeRoute(sessions)],
});

const setRoute = (sessions: Sessions): Route =>
  route({
    method: 'POST',
    path: '/api/{session}/presence',
    summary: 'Show that you are online, offline or typing',
    params: SessionParams,
    body: WAHASessionPresence,
    responses: { 201: { description: 'Shown' }, ...failures },
    async handle({ params, body }) {
      const presence = await sessions.capability(params.session, 'presence');
      await show(presence, body);
      return {};
    },
  });

const show = async (
  presence: { setOnline(online: boolean): Promise<void>; setChatState(chatId: string, state: never): Promise<void> },
  { chatId, presence: state }: Static<typeof WAHASessionPresence>,
): Promise<void> => {
  if (state === 'online' || state === 'offline') return presence.setOnline(state === 'online');
  if (!chatId) throw badRequest(`chatId is required for '${state}'`);
  return presence.setChatState(chatId, state as never);
};

const listRoute = (sessions: Sessions): Route =>
  route({
    method: 'GET',
    path: '/api/{session}/presence',
    summary: 'List what is known of others',
    params: SessionParams,
    responses: { 200: { description: 'By chat', schema: Type.Array(PresencePayload) }, ...failures },
    async handle({ params }) {
      return (await sessions.capability(params.session, 'presences')).list();
    },
  });

const getRoute = (sessions: Sessions): Route =>
  route({
    method: 'GET',
    path: '/api/{session}/presence/{chatId}',
    summary: 'Get what the people of a chat are doing',
    description: 'Subscribes, too: from then on `presence.update` events tell of it.',
    params: ChatParams,
    responses: { 200: { description: 'The chat', schema: PresencePayload }, ...failures },
    async handle({ params }) {
      return (await sessions.capability(params.session, 'presences')).get(params.chatId);
    },
  });

const subscribeRoute = (sessions: Sessions): Route =>
  route({
    method: 'POST',
    path: '/api/{session}/presence/{chatId}/subscribe',
    summary: 'Ask to be told what the people of a chat are doing',
    params: ChatParams,
    responses: { 201: { description: 'Asked' }, ...failures },
    async handle({ params }) {
      await (await sessions.capability(params.session, 'presences')).subscribe(params.chatId);
      return {};
    },
  });
