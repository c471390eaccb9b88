import { MessageCapping, ReachoutTimelock, type Route, route, type Sessions } from 'waha-runtime';
import { SessionParams } from '../schemas/session.ts';

const failures = {
  404: { description: 'There is no such session' },
  503: { description: 'WhatsApp did not answer in time' },
};

/** What WhatsApp lets the account do: asked for while the session is WORKING, else as WhatsApp last told of it. */
export const limitRoutes = (sessions: Sessions): Route[] => [
  route({
    method: 'GET',
    path: '/api/sessions/{session}/timelock',
    right: 'any',
    summary: 'Get whether WhatsApp lets the account write to new people',
    params: SessionParams,
    responses: { 200: { description: 'The lock (error 463)', schema: ReachoutTimelock }, ...failures },
    async handle({ params }) {
      const { status, me } = sessions.get(params.session);
      const limits = status === 'WORKING' ? (await sessions.client(params.session)).limits : undefined;
      if (limits) return limits.timelock();
      return me?.reachoutTimelock ?? { isActive: false, timeEnforcementEnds: null, enforcementType: null };
    },
  }),
  route({
    method: 'GET',
    path: '/api/sessions/{session}/capping',
    right: 'any',
    summary: 'Get how many chats with new people the account may begin',
    params: SessionParams,
    responses: {
      200: { description: 'The quota (error 475 when it is used up)', schema: MessageCapping },
      422: { description: 'The session is not WORKING, and WhatsApp never told of the quota' },
      ...failures,
    },
    async handle({ params }) {
      const { status, me } = sessions.get(params.session);
      if (status !== 'WORKING' && me?.messageCapping) return me.messageCapping;
      return (await sessions.capability(params.session, 'limits')).capping();
    },
  }),
];
