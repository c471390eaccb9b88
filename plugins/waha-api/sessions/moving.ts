import { named, packBundle, type Route, reply, route, type SessionMoving, Type, unpackBundle } from 'waha-runtime';
import { SessionDTO, SessionParams } from '../schemas/session.ts';
import { clearly, presentSession } from './present.ts';

const Passphrase = Type.String({ minLength: 8, maxLength: 1024, writeOnly: true, 'x-secret': true });

const ImportRequest = named(
  'SessionImportRequest',
  Type.Object({
    data: Type.String({
      minLength: 1,
      contentEncoding: 'base64',
      description: 'What `export` answered, or what `waha import` makes of the data of another server',
    }),
    passphrase: Type.Optional(Type.Union([Passphrase, Type.Null()], { description: 'Of an encrypted export' })),
    start: Type.Optional(
      Type.Union([Type.Boolean(), Type.Null()], { description: 'Start it; as it was where it comes from when absent' }),
    ),
  }),
);

const ImportAnswer = named(
  'SessionImportAnswer',
  Type.Object({
    session: SessionDTO,
    keys: Type.Integer({ description: 'How many keys came along' }),
    damaged: Type.Integer({ description: 'Keys that could not be read; messages that need one are asked for anew' }),
    messages: Type.Integer({ description: 'How many messages its store got' }),
  }),
);

const ExportRequest = named(
  'SessionExportRequest',
  Type.Object({
    passphrase: Type.Optional(
      Type.Unsafe<string>({
        ...Passphrase,
        description: 'Encrypts the export. Without it, whoever reads the answer can act as the account',
      }),
    ),
  }),
);

const refusals = { 403: { description: 'The key is no admin key' } };

/** A linked session comes from another server, or goes to one, without being scanned anew. */
export const movingRoutes = (moving: SessionMoving): Route[] => [importRoute(moving), exportRoute(moving)];

const importRoute = (moving: SessionMoving): Route =>
  route({
    method: 'POST',
    path: '/api/sessions/{session}/import',
    right: 'admin',
    summary: 'Take over a session that is linked already',
    description:
      'Makes the session, with its credentials and keys, and starts it: no QR code. The server that it comes from must have stopped it for good.',
    params: SessionParams,
    body: ImportRequest,
    responses: {
      201: { description: 'The session, and what came along', schema: ImportAnswer },
      409: { description: 'The session has an account already' },
      422: { description: 'No linked account is in the data, or the passphrase is wrong' },
      ...refusals,
    },
    async handle({ params, body: { data, passphrase, start } }) {
      const bundle = await unpackBundle(Buffer.from(data, 'base64'), passphrase ?? undefined);
      const options = start === undefined || start === null ? {} : { start };
      const { session, ...report } = await moving.import(params.session, bundle, options);
      return { session: presentSession(session, clearly), ...report };
    },
  });

const exportRoute = (moving: SessionMoving): Route =>
  route({
    method: 'POST',
    path: '/api/sessions/{session}/export',
    right: 'admin',
    summary: 'Export a stopped session with its account',
    description:
      'Another server goes on with it by `import`. Do not start it here again after that: two servers with the keys of one device break its conversations.',
    params: SessionParams,
    body: ExportRequest,
    responses: {
      200: {
        description: 'The session with its credentials and keys',
        content: { 'application/octet-stream': Type.String({ format: 'binary' }) },
      },
      404: { description: 'There is no such session' },
      422: { description: 'The session is not STOPPED, or has no account' },
      ...refusals,
    },
    async handle({ params, body: { passphrase } }) {
      const bytes = await packBundle(await moving.export(params.session), passphrase);
      const headers = {
        'content-disposition': `attachment; filename="${params.session}.waha-session"`,
        'cache-control': 'no-store',
      };
      return reply({ body: Buffer.from(bytes), contentType: 'application/octet-stream', headers });
    },
  });
