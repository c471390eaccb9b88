import { named, type Route, route, type Sessions, Type } from 'waha-runtime';
import { failures } from '../schemas/chatting.ts';
import { SessionParams } from '../schemas/session.ts';

const NewMessageIDResponse = named('NewMessageIDResponse', Type.Object({ id: Type.String() }));

/** An id to send a message under. */
export const newMessageIdRoute = (sessions: Sessions, path = '/api/{session}/new-message-id'): Route =>
  route({
    method: 'GET',
    path,
    summary: 'Make an id to send a message under',
    params: SessionParams,
    responses: { 200: { description: 'A fresh id', schema: NewMessageIDResponse }, ...failures },
    async handle({ params }) {
      const ids = await sessions.capability(params.session, 'messageIds');
      return { id: await ids.create() };
    },
  });
