import { named, type RouteGroup, route, type Sessions, Type } from 'waha-runtime';
import { ChatId, failures } from './chatting-schemas.ts';
import { SessionParams } from './session-schemas.ts';

const RejectCallRequest = named(
  'RejectCallRequest',
  Type.Object({
    from: Type.Unsafe<string>({ ...ChatId, description: 'Who calls, as call.received says' }),
    id: Type.String({
      minLength: 1,
      maxLength: 128,
      description: 'Of the call, as call.received says',
      examples: ['ABCDEFGABCDEFGABCDEFGABCDEFG'],
    }),
  }),
);

/** The payload of `call.received`, `call.accepted` and `call.rejected`. */
export const CallData = named(
  'CallData',
  Type.Object({
    id: Type.String(),
    from: Type.String({ examples: ['11111111111@c.us'] }),
    fromAlt: Type.Optional(
      Type.String({ description: 'The caller by the other kind of id, …@c.us or …@lid', examples: ['111111111@lid'] }),
    ),
    timestamp: Type.Number({ description: 'seconds since the epoch' }),
    isVideo: Type.Boolean(),
    isGroup: Type.Boolean(),
    groupId: Type.Optional(Type.String({ description: 'The group that is called together' })),
    _data: Type.Unknown(),
  }),
);

/** The tag Calls. */
export const callsGroup = (sessions: Sessions): RouteGroup => ({
  tag: 'Calls',
  description: 'Calls that come in',
  routes: [
    route({
      method: 'POST',
      path: '/api/{session}/calls/reject',
      summary: 'Reject a call that rings',
      params: SessionParams,
      body: RejectCallRequest,
      responses: {
        201: { description: 'Rejected' },
        ...failures,
        404: { description: 'There is no such session, or no such call came in' },
        422: { description: 'The session is not WORKING, or the call does not ring any more' },
      },
      async handle({ params, body }) {
        await (await sessions.capability(params.session, 'calls')).reject(body);
        return {};
      },
    }),
  ],
});
