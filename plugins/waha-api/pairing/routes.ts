import {
  named,
  type Reply,
  type Route,
  type RouteGroup,
  type RouteResponse,
  reply,
  route,
  SessionName,
  type Sessions,
  Type,
} from 'waha-runtime';
import { SessionParams } from '../schemas/session.ts';
import { passkeyRoutes } from './passkey.ts';
import { QrImages } from './qr-image.ts';

const Base64File = named('Base64File', Type.Object({ mimetype: Type.String(), data: Type.String() }));
const QRCodeValue = named('QRCodeValue', Type.Object({ value: Type.String() }));
const RequestCodeRequest = named(
  'RequestCodeRequest',
  Type.Object({
    phoneNumber: Type.String({
      minLength: 1,
      maxLength: 50,
      description: 'With the country code; +, spaces, dashes and brackets do not matter',
      examples: ['12132132130'],
    }),
    method: Type.Optional(Type.Union([Type.String(), Type.Null()], { description: 'Taken for compatibility' })),
  }),
);
const RequestCodeResponse = named(
  'RequestCodeResponse',
  Type.Object({ code: Type.String({ examples: ['ABCD-EFGH'] }) }),
);

const png = { 'image/png': Type.Unsafe<Uint8Array>({ type: 'string', format: 'binary' }) };
const wrongStatus: Record<number, RouteResponse> = { 422: { description: 'The session does not wait for it now' } };

/** The tag Pairing: a phone links the session as one of its devices. */
export const pairingGroup = (sessions: Sessions): RouteGroup => {
  const images = new QrImages();
  return {
    tag: 'Pairing',
    description: 'Link a session to a phone, by QR code or by a code to type',
    routes: [
      qrRoute(sessions, images),
      screenshotRoute(sessions, images),
      codeRoute(sessions),
      ...passkeyRoutes(sessions),
    ],
  };
};

const picture = async (sessions: Sessions, images: QrImages, session: string): Promise<Reply> => {
  const { value } = await sessions.qr(session);
  const { png, file } = await images.draw(value);
  return reply({ body: png, contentType: 'image/png', json: file, headers: { 'cache-control': 'no-store' } });
};

const qrRoute = (sessions: Sessions, images: QrImages): Route =>
  route({
    method: 'GET',
    path: '/api/{session}/auth/qr',
    right: 'control',
    summary: 'Get the QR code to scan',
    description: 'A PNG; with `Accept: application/json` the PNG as base64; with `format=raw` the text behind it.',
    params: SessionParams,
    query: Type.Object({
      format: Type.Optional(Type.Enum(['image', 'raw'], { type: 'string', default: 'image' })),
    }),
    responses: {
      200: { description: 'The code to show now', schema: Type.Union([Base64File, QRCodeValue]), content: png },
      ...wrongStatus,
    },
    async handle({ params, query }) {
      if (query.format !== 'raw') return picture(sessions, images, params.session);
      const { value } = await sessions.qr(params.session);
      return reply({ json: { value }, headers: { 'cache-control': 'no-store' } });
    },
  });

const screenshotRoute = (sessions: Sessions, images: QrImages): Route =>
  route({
    method: 'GET',
    path: '/api/screenshot',
    right: 'control',
    summary: 'Get what the session shows: the QR code while it waits for a scan',
    query: Type.Object({ session: Type.Optional(Type.Unsafe<string>({ ...SessionName, default: 'default' })) }),
    responses: { 200: { description: 'The QR code', schema: Base64File, content: png }, ...wrongStatus },
    handle: ({ query }) => picture(sessions, images, query.session ?? 'default'),
  });

const codeRoute = (sessions: Sessions): Route =>
  route({
    method: 'POST',
    path: '/api/{session}/auth/request-code',
    right: 'control',
    summary: 'Get a code to type into the phone',
    description: 'On the phone: Linked devices, Link a device, Link with phone number instead.',
    params: SessionParams,
    body: RequestCodeRequest,
    responses: { 201: { description: 'The code', schema: RequestCodeResponse }, ...wrongStatus },
    async handle({ params, body }) {
      const { code } = await sessions.pairingCode(params.session, body.phoneNumber);
      return { code };
    },
  });
