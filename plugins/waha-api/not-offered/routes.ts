import {
  named,
  type Right,
  type Route,
  type RouteGroup,
  route,
  SessionName,
  type Sessions,
  type TSchema,
  Type,
  unprocessable,
  WAMessage,
} from 'waha-runtime';
import { ChatId, ChatParams } from '../schemas/chatting.ts';
import { SessionParams } from '../schemas/session.ts';

const EventMessage = named(
  'EventMessage',
  Type.Object({
    name: Type.String({ maxLength: 4096, examples: ['Dinner'] }),
    description: Type.Optional(Type.Union([Type.String({ maxLength: 4096 }), Type.Null()])),
    startTime: Type.Number({ minimum: 0, description: 'seconds since the epoch', examples: [2_063_137_000] }),
    endTime: Type.Optional(Type.Union([Type.Number({ minimum: 0 }), Type.Null()])),
    location: Type.Optional(
      Type.Union([named('EventLocation', Type.Object({ name: Type.String({ maxLength: 4096 }) })), Type.Null()]),
    ),
    extraGuestsAllowed: Type.Optional(Type.Boolean()),
  }),
);
const EventMessageRequest = named(
  'EventMessageRequest',
  Type.Object({
    chatId: ChatId,
    reply_to: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    event: EventMessage,
  }),
);
const GroupParams = Type.Object({
  session: SessionName,
  id: Type.String({ minLength: 1, maxLength: 200, examples: ['120363000000000001@g.us'] }),
});
const TraceQuery = Type.Object({
  seconds: Type.Optional(Type.Number({ minimum: 0, maximum: 3600, default: 30 })),
  categories: Type.Optional(Type.Array(Type.String({ maxLength: 200 }), { maxItems: 100 })),
});

interface Missing {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly summary: string;
  readonly params: TSchema;
  readonly query?: TSchema;
  readonly body?: TSchema;
  /** What engines answer that can do it. */
  readonly answer?: TSchema;
  /** Why it cannot be done, and what can be done in its place. */
  readonly why: string;
  readonly right?: Right;
}

const notOffered = (sessions: Sessions, { why, summary, answer, ...operation }: Missing): Route =>
  route({
    ...operation,
    summary: `${summary} (not with this engine)`,
    responses: {
      ...(answer ? { 201: { description: 'The message', schema: answer } } : {}),
      404: { description: 'There is no such session' },
      422: { description: why },
    },
    handle({ params }) {
      sessions.get((params as { session: string }).session);
      throw unprocessable(why);
    },
  }) as Route;

const chats: readonly Missing[] = [
  {
    method: 'DELETE',
    path: '/api/{session}/chats/{chatId}',
    summary: 'Delete a chat',
    params: ChatParams,
    why: 'engine NOWEB cannot delete a chat; archive it with POST /api/{session}/chats/{chatId}/archive',
  },
  {
    method: 'DELETE',
    path: '/api/{session}/chats/{chatId}/messages',
    summary: 'Clear the messages of a chat',
    params: ChatParams,
    why: 'engine NOWEB cannot clear a chat; delete messages one by one with DELETE /api/{session}/chats/{chatId}/messages/{messageId}',
  },
];
const deleteGroup: Missing = {
  method: 'DELETE',
  path: '/api/{session}/groups/{id}',
  summary: 'Delete a group',
  params: GroupParams,
  why: 'WhatsApp has no way to delete a group; remove its participants, then leave it',
};
const sendEvent: Missing = {
  method: 'POST',
  path: '/api/{session}/events',
  summary: 'Send an event',
  params: SessionParams,
  body: EventMessageRequest,
  answer: WAMessage,
  why: 'engine NOWEB cannot send events; events of others come as messages, and answers to them as event.response',
};
const browserTrace: Missing = {
  method: 'GET',
  path: '/api/server/debug/browser/trace/{session}',
  summary: 'Trace the browser of a session',
  right: 'admin',
  params: SessionParams,
  query: TraceQuery,
  why: 'engine NOWEB has no browser to trace; GET /api/server/debug/cpu profiles the process',
};

/** Operations of WAHA that need another engine: each says why it cannot be done, and what can. */
export const notOfferedGroups = (sessions: Sessions): RouteGroup[] => [
  { tag: 'Chats', routes: chats.map((missing) => notOffered(sessions, missing)) },
  { tag: 'Groups', routes: [notOffered(sessions, deleteGroup)] },
  { tag: 'Events', routes: [notOffered(sessions, sendEvent)] },
  { tag: 'Observability', routes: [notOffered(sessions, browserTrace)] },
];
