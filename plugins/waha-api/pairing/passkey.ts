import {
  named,
  notImplementedByEngine,
  type Route,
  type RouteResponse,
  route,
  type Sessions,
  Type,
} from 'waha-runtime';
import { SessionParams } from '../schemas/session.ts';

const credential = named(
  'PasskeyAllowedCredential',
  Type.Object({ id: Type.String(), type: Type.String(), transports: Type.Optional(Type.Array(Type.String())) }),
);

/** WebAuthn's objects as the contract has them. */
const PasskeyChallenge = named(
  'PasskeyChallenge',
  Type.Object({
    challenge: Type.String(),
    timeout: Type.Number(),
    rpId: Type.String(),
    allowCredentials: Type.Array(credential),
    userVerification: Type.String(),
    extensions: Type.Optional(Type.Unknown()),
  }),
);
const PasskeyAssertionRequest = named(
  'PasskeyAssertionRequest',
  Type.Object({
    id: Type.String(),
    rawId: Type.String(),
    type: Type.String(),
    response: named(
      'PasskeyAssertionResponseData',
      Type.Object({
        clientDataJSON: Type.String(),
        authenticatorData: Type.String(),
        signature: Type.String(),
        userHandle: Type.Optional(Type.Union([Type.String(), Type.Null()])),
      }),
    ),
  }),
);
const PasskeyConfirmationResponse = named('PasskeyConfirmationResponse', Type.Object({ code: Type.String() }));

type Operation = Pick<Route, 'method' | 'path' | 'right' | 'summary' | 'body'> & { readonly done: RouteResponse };

const operations: readonly Operation[] = [
  {
    method: 'GET',
    path: '/api/{session}/auth/passkey/challenge',
    right: 'control',
    summary: 'Get the passkey challenge',
    done: { description: 'The challenge', schema: PasskeyChallenge },
  },
  {
    method: 'POST',
    path: '/api/{session}/auth/passkey',
    right: 'control',
    summary: 'Answer the passkey challenge',
    body: PasskeyAssertionRequest,
    done: { description: 'Taken' },
  },
  {
    method: 'GET',
    path: '/api/{session}/auth/passkey/confirmation',
    right: 'control',
    summary: 'Get the passkey confirmation code',
    done: { description: 'The code', schema: PasskeyConfirmationResponse },
  },
  {
    method: 'POST',
    path: '/api/{session}/auth/passkey/confirm',
    right: 'control',
    summary: 'Confirm the passkey pairing',
    done: { description: 'Confirmed' },
  },
];

/** NOWEB cannot pair by passkey; the paths are there so that clients get an answer that says so. */
export const passkeyRoutes = (sessions: Sessions): Route[] =>
  operations.map(({ done, ...operation }) =>
    route({
      ...operation,
      params: SessionParams,
      responses: {
        [operation.method === 'POST' ? 201 : 200]: done,
        422: { description: 'The engine cannot pair by passkey' },
      },
      handle({ params }) {
        throw notImplementedByEngine(sessions.get(params.session).engine.engine, 'passkey');
      },
    }),
  );
