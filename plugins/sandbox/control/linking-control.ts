import { badRequest, notFound, type RouteGroup, route, sentence, Type, unprocessable } from 'waha-runtime';
import { Passkey } from '../linking/passkey.ts';
import type { Primary } from '../linking/primary.ts';
import { type QrCode, readQr } from '../linking/qr-code.ts';
import type { Sandbox } from '../sandbox.ts';
import { digitsOf } from '../wire/jids.ts';
import * as schemas from './linking-schemas.ts';
import { PhoneParams } from './schemas.ts';

/** How linking goes, and what owners of phones and passkeys do during one, from outside the process. */
export class LinkingControl {
  readonly #sandbox: Sandbox;

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
  }

  policy(number: string): schemas.LinkingBody {
    return this.#primary(number).policy as schemas.LinkingBody;
  }

  setPolicy(number: string, policy: schemas.LinkingBody): schemas.LinkingBody {
    this.#primary(number).policy = policy;
    return policy;
  }

  passkey(number: string): schemas.PasskeyView {
    const { ceremony } = this.#primary(number);
    if (!ceremony) return { state: 'none', code: null, proved: false, problem: null };
    const { state, code = null, proved, problem = null } = ceremony;
    return { state, code, proved, problem };
  }

  /** The owner's browser signs a challenge with the passkey of the account. */
  assert(number: string, { challenge, flaws }: schemas.AssertionBody): schemas.AssertionView {
    return new Passkey(digitsOf(number)).assert({ challenge }, flaws);
  }

  /** The owner compares the code that the client shows with the one of the phone. */
  confirm(number: string, code: string): schemas.PasskeyView {
    const { ceremony } = this.#primary(number);
    if (!ceremony || ceremony.isOver) throw notFound(`phone '${number}' is not linking by passkey`);
    if (!ceremony.confirm(code)) throw unprocessable(`the phone shows another code than '${code}'`);
    return this.passkey(number);
  }

  refreshCode(number: string, force: boolean): void {
    if (!this.#primary(number).refreshCode(force)) throw notFound(`no client waits for a pairing code of '${number}'`);
  }

  refreshQr({ qr, child }: schemas.RefreshQrBody): void {
    if (!this.#sandbox.refreshQr(qrIn(qr), child)) throw unprocessable('no client shows this QR code');
  }

  registrations(): schemas.RegistrationView[] {
    return this.#sandbox.registrations();
  }

  #primary(number: string): Primary {
    return this.#sandbox.phone(number).primary;
  }
}

function qrIn(text: string): QrCode {
  try {
    return readQr(text);
  } catch (error) {
    throw badRequest(sentence(error));
  }
}

/** Linking under `/api/sandbox`. */
export const linkingRoutes = (linking: LinkingControl): RouteGroup['routes'] => [
  route({
    method: 'GET',
    path: '/api/sandbox/phones/{phone}/linking',
    summary: 'Get how linking goes for an account',
    params: PhoneParams,
    responses: { 200: { description: 'What does not go the straight way.', schema: schemas.LinkingBody } },
    handle: ({ params }) => linking.policy(params.phone),
  }),
  route({
    method: 'PUT',
    path: '/api/sandbox/phones/{phone}/linking',
    summary: 'Choose how linking goes for an account: QR refresh, passkey, a silent phone',
    params: PhoneParams,
    body: schemas.LinkingBody,
    responses: { 200: { description: 'What was chosen.', schema: schemas.LinkingBody } },
    handle: ({ params, body }) => linking.setPolicy(params.phone, body),
  }),
  route({
    method: 'POST',
    path: '/api/sandbox/phones/{phone}/refresh-code',
    summary: 'Ask the client that waits for a pairing code to show another one',
    params: PhoneParams,
    body: schemas.RefreshCodeBody,
    handle: ({ params, body }) => linking.refreshCode(params.phone, body.force),
  }),
  ...registrationRoutes(linking),
  ...passkeyRoutes(linking),
];

const registrationRoutes = (linking: LinkingControl): RouteGroup['routes'] => [
  route({
    method: 'GET',
    path: '/api/sandbox/registrations',
    summary: 'List clients that want to be linked',
    responses: { 200: { description: 'The clients.', schema: Type.Array(schemas.RegistrationView) } },
    handle: () => linking.registrations(),
  }),
  route({
    method: 'POST',
    path: '/api/sandbox/registrations/refresh',
    summary: 'Retire the secret of a QR code now',
    body: schemas.RefreshQrBody,
    handle: ({ body }) => linking.refreshQr(body),
  }),
];

const passkeyRoutes = (linking: LinkingControl): RouteGroup['routes'] => [
  route({
    method: 'GET',
    path: '/api/sandbox/phones/{phone}/passkey',
    summary: 'Get how far the linking by passkey is, and the code that the phone shows',
    params: PhoneParams,
    responses: { 200: { description: 'The ceremony that began last.', schema: schemas.PasskeyView } },
    handle: ({ params }) => linking.passkey(params.phone),
  }),
  route({
    method: 'POST',
    path: '/api/sandbox/phones/{phone}/passkey/assertion',
    summary: "Sign a challenge with the account's passkey, as the owner's browser does",
    params: PhoneParams,
    body: schemas.AssertionBody,
    responses: { 201: { description: 'The assertion.', schema: schemas.AssertionView } },
    handle: ({ params, body }) => linking.assert(params.phone, body),
  }),
  route({
    method: 'POST',
    path: '/api/sandbox/phones/{phone}/passkey/confirm',
    summary: 'Say on the phone that both codes are the same',
    params: PhoneParams,
    body: schemas.ConfirmCodeBody,
    responses: { 201: { description: 'How far it is now.', schema: schemas.PasskeyView } },
    handle: ({ params, body }) => linking.confirm(params.phone, body.code),
  }),
];
