import { LidMapping, type Route, route, SessionName, type Sessions, Type } from 'waha-runtime';
import { given } from '../schemas/chatting.ts';
import { CountResponse, listed, readingFailures } from '../schemas/lists.ts';
import { SessionParams } from '../schemas/session.ts';

const text = (example: string) => Type.String({ minLength: 1, maxLength: 100, examples: [example] });
const pair = { 200: { description: 'Both names; null for one that is not known', schema: LidMapping } };

/** Who is behind a hidden id. */
export const lidRoutes = (sessions: Sessions): Route[] => [
  listRoute(sessions),
  countRoute(sessions),
  byLid(sessions),
  byPhone(sessions),
];

const listRoute = (sessions: Sessions): Route =>
  route({
    method: 'GET',
    path: '/api/{session}/lids',
    summary: 'List hidden ids with their phone numbers',
    params: SessionParams,
    query: Type.Object(listed(100)),
    responses: { 200: { description: 'The pairs', schema: Type.Array(LidMapping) }, ...readingFailures },
    async handle({ params, query }) {
      return (await sessions.capability(params.session, 'lids')).list({ limit: 100, ...given(query) });
    },
  });

const countRoute = (sessions: Sessions): Route =>
  route({
    method: 'GET',
    path: '/api/{session}/lids/count',
    summary: 'Count the hidden ids whose phone numbers are known',
    params: SessionParams,
    responses: { 200: { description: 'How many', schema: CountResponse }, ...readingFailures },
    async handle({ params }) {
      return { count: await (await sessions.capability(params.session, 'lids')).count() };
    },
  });

const byLid = (sessions: Sessions): Route =>
  route({
    method: 'GET',
    path: '/api/{session}/lids/{lid}',
    summary: 'Get the phone number behind a hidden id',
    params: Type.Object({ session: SessionName, lid: text('111111111@lid') }),
    responses: { ...pair, ...readingFailures },
    async handle({ params }) {
      return (await sessions.capability(params.session, 'lids')).byLid(params.lid);
    },
  });

const byPhone = (sessions: Sessions): Route =>
  route({
    method: 'GET',
    path: '/api/{session}/lids/pn/{phoneNumber}',
    summary: 'Get the hidden id of a phone number',
    params: Type.Object({ session: SessionName, phoneNumber: text('11111111111') }),
    responses: { ...pair, ...readingFailures },
    async handle({ params }) {
      return (await sessions.capability(params.session, 'lids')).byPhone(params.phoneNumber);
    },
  });
