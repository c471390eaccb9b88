import { named, type RouteGroup, route, type Sessions, Type } from 'waha-runtime';
import { ChatId, failures } from '../schemas/chatting.ts';
import { SessionParams } from '../schemas/session.ts';

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
