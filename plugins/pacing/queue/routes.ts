import { instantOf, named, QueuedSend, type RouteGroup, route, SessionName, type Sessions, Type } from 'waha-runtime';
import type { Holds } from '../holds.ts';
import type { StoredSendQueue } from './send-queue.ts';

const Params = Type.Object({ session: SessionName });
const OneParams = Type.Object({ session: SessionName, id: Type.String({ minLength: 1, maxLength: 100 }) });
const Page = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
  offset: Type.Optional(Type.Integer({ minimum: 0, default: 0 })),
});
const SendQueueView = named(
  'SendQueue',
  Type.Object({
    isPaused: Type.Boolean(),
    size: Type.Integer(),
    newChatsToday: Type.Union([Type.Integer(), Type.Null()], { description: 'Today’s cap; null if there is none' }),
    entries: Type.Array(QueuedSend),
  }),
);
const Rescheduled = named(
  'RescheduleRequest',
  Type.Object({
    sendAt: Type.Union([Type.String({ maxLength: 40 }), Type.Number()], {
      description: 'A time with its zone, or seconds since the epoch',
      examples: ['2026-12-24T18:00:00Z'],
    }),
  }),
);
const gone = { 404: { description: 'The session or the entry does not exist' } };

export interface QueueRoutesOptions {
  readonly queue: StoredSendQueue;
  readonly holds: Holds;
  readonly sessions: Sessions;
}

/** The send queue over HTTP. */
export const queueGroup = (options: QueueRoutesOptions): RouteGroup => ({
  tag: 'Send queue',
  description: 'Messages that are to be sent later',
  routes: [listRoute(options), ...pauseRoutes(options), rescheduleRoute(options), ...removeRoutes(options)],
});

const viewOf = async ({ queue, holds, sessions }: QueueRoutesOptions, session: string, limit = 100, offset = 0) => {
  sessions.get(session);
  return {
    ...{ isPaused: holds.isPaused(session), size: await queue.count(session), newChatsToday: holds.capOf(session) },
    entries: await queue.list(session, { limit, offset }),
  };
};

const listRoute = (options: QueueRoutesOptions) =>
  route({
    method: 'GET',
    path: '/api/{session}/queue',
    summary: 'List what waits to be sent, the next one first',
    params: Params,
    query: Page,
    responses: { 200: { description: 'The queue', schema: SendQueueView }, ...gone },
    handle: ({ params, query }) => viewOf(options, params.session, query.limit, query.offset),
  });

const pauseRoutes = (options: QueueRoutesOptions) =>
  (['pause', 'resume'] as const).map((what) =>
    route({
      method: 'POST',
      path: `/api/{session}/queue/${what}`,
      summary: what === 'pause' ? 'Send nothing of the queue for now' : 'Go on sending what waits',
      params: Params,
      responses: { 201: { description: 'The queue', schema: SendQueueView }, ...gone },
      async handle({ params: { session } }) {
        options.sessions.get(session);
        await options.holds.pause(session, what === 'pause');
        options.queue.wake();
        return viewOf(options, session);
      },
    }),
  );

const rescheduleRoute = ({ queue, sessions }: QueueRoutesOptions) =>
  route({
    method: 'PUT',
    path: '/api/{session}/queue/{id}',
    summary: 'Send it at another time; one that failed is tried again',
    params: OneParams,
    body: Rescheduled,
    responses: { 200: { description: 'The send', schema: QueuedSend }, ...gone },
    handle({ params, body }) {
      const sendAt = instantOf(body.sendAt, 'sendAt');
      sessions.get(params.session);
      return queue.reschedule(params.session, params.id, sendAt);
    },
  });

const removeRoutes = ({ queue, sessions }: QueueRoutesOptions) => [
  route({
    method: 'DELETE',
    path: '/api/{session}/queue/{id}',
    summary: 'Take a send out of the queue',
    params: OneParams,
    responses: { 200: { description: 'It is gone' }, ...gone },
    async handle({ params: { session, id } }) {
      sessions.get(session);
      await queue.remove(session, id);
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/{session}/queue',
    summary: 'Empty the queue',
    params: Params,
    responses: {
      200: {
        description: 'How many entries were deleted',
        schema: named('EmptiedQueue', Type.Object({ removed: Type.Integer() })),
      },
      ...gone,
    },
    async handle({ params: { session } }) {
      sessions.get(session);
      return { removed: await queue.empty(session) };
    },
  }),
];
