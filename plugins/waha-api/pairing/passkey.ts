import {
  named,
  PasskeyAssertionRequest,
  PasskeyChallenge,
  type Route,
  type RouteResponse,
  reply,
  route,
  type Sessions,
  Type,
} from 'waha-runtime';
import { SessionParams } from '../schemas/session.ts';

const PasskeyConfirmationResponse = named(
  'PasskeyConfirmationResponse',
  Type.Object({ code: Type.String({ examples: ['ABCD-EFGH'] }) }),
);

const wrongStatus: RouteResponse = { description: 'The session does not wait for it now, or WhatsApp refused it' };
const headers = { 'cache-control': 'no-store' };

/** Linking by passkey: a challenge that the user's browser signs, and a code to compare (docs/linking.md). */
export const passkeyRoutes = (sessions: Sessions): Route[] => [
  ...challengeRoutes(sessions),
  ...confirmationRoutes(sessions),
];

const challengeRoutes = (sessions: Sessions): Route[] => [
  route({
    method: 'GET',
    path: '/api/{session}/auth/passkey/challenge',
    right: 'control',
    summary: 'Get the passkey challenge',
    description:
      "While PASSKEY_REQUIRED: WebAuthn's request options, to be signed on web.whatsapp.com. `/passkey/` helps.",
    params: SessionParams,
    responses: { 200: { description: 'The challenge', schema: PasskeyChallenge }, 422: wrongStatus },
    handle: ({ params }) => reply({ json: sessions.passkey(params.session).challenge(), headers }),
  }),
  route({
    method: 'POST',
    path: '/api/{session}/auth/passkey',
    right: 'control',
    summary: 'Answer the passkey challenge',
    description:
      'What cannot be right is refused with the field that is wrong, and the challenge can be answered again.',
    params: SessionParams,
    body: PasskeyAssertionRequest,
    responses: { 201: { description: 'WhatsApp has taken it; keep it open on the phone' }, 422: wrongStatus },
    handle: ({ params, body }) => sessions.passkey(params.session).answer(body),
  }),
];

const confirmationRoutes = (sessions: Sessions): Route[] => [
  route({
    method: 'GET',
    path: '/api/{session}/auth/passkey/confirmation',
    right: 'control',
    summary: 'Get the passkey confirmation code',
    description: 'While PASSKEY_CONFIRMATION_REQUIRED: the code that the phone shows, too.',
    params: SessionParams,
    responses: { 200: { description: 'The code', schema: PasskeyConfirmationResponse }, 422: wrongStatus },
    handle: ({ params }) => reply({ json: { code: sessions.passkey(params.session).code() }, headers }),
  }),
  route({
    method: 'POST',
    path: '/api/{session}/auth/passkey/confirm',
    right: 'control',
    summary: 'Confirm the passkey pairing',
    description: 'The user has found the same code on the phone.',
    params: SessionParams,
    responses: { 201: { description: 'Confirmed' }, 422: wrongStatus },
    handle: ({ params }) => sessions.passkey(params.session).confirm(),
  }),
];
