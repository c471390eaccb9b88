import { open, stat } from 'node:fs/promises';
import {
  named,
  type Reply,
  type RouteGroup,
  type RouteRequest,
  reply,
  route,
  SessionName,
  type TSchema,
  Type,
} from 'waha-runtime';
import type { Conversion, Converted } from '../files/convert.ts';
import { videoExample, voiceExample } from '../files/examples.ts';
import { MAX_FILE_BYTES, type NamedFile, withFile } from '../files/fetch.ts';
import type { SendRouteOptions } from '../sending/send-route.ts';

const file = (name: string, { data }: { readonly data: string }) =>
  named(
    name,
    Type.Object({
      url: Type.Optional(Type.String({ minLength: 1, maxLength: 8000 })),
      data: Type.Optional(
        Type.String({
          minLength: 1,
          contentEncoding: 'base64',
          description: 'The bytes of the file',
          examples: [data],
        }),
      ),
    }),
  );
const Base64File = named('Base64File', Type.Object({ mimetype: Type.String(), data: Type.String() }));
const binary = Type.String({ format: 'binary' });

/** Conversion of files into what phones play, without sending them. */
export const mediaGroup = (options: SendRouteOptions): RouteGroup => ({
  tag: 'Media',
  description: 'Conversion of media files',
  routes: [
    convertRoute(options, 'voice', file('VoiceFileDTO', voiceExample), 'audio/ogg; codecs=opus'),
    convertRoute(options, 'video', file('VideoFileDTO', videoExample), 'video/mp4'),
  ],
});

const convertRoute = (options: SendRouteOptions, kind: Conversion, body: TSchema, type: string) =>
  route({
    method: 'POST',
    path: `/api/{session}/media/convert/${kind}`,
    summary: kind === 'voice' ? 'Convert sound to a voice message (ogg/opus)' : 'Convert a video to mp4/h264',
    description: 'By the ffmpeg of the server. `Accept: application/json` gives base64. Takes a multipart form, too.',
    params: Type.Object({ session: SessionName }),
    body,
    upload: { field: 'file', maxBytes: MAX_FILE_BYTES },
    responses: {
      200: { description: 'The converted file', content: { [type]: binary, 'application/json': Base64File } },
      201: { description: 'The converted file', content: { [type]: binary, 'application/json': Base64File } },
      422: { description: 'The file cannot be had or converted, or this server has no ffmpeg' },
    },
    handle: (request) => convert(options, kind, request as RouteRequest<{ session: string }, unknown, NamedFile>),
  });

const convert = (
  { sessions, http, converter }: SendRouteOptions,
  kind: Conversion,
  { params, body, file: upload, headers, signal }: RouteRequest<{ session: string }, unknown, NamedFile>,
): Promise<Reply> => {
  sessions.get(params.session);
  const wantsJson = /^\s*application\/json/.test(headers['accept'] ?? '');
  const answer = wantsJson ? asJson : asStream;
  return withFile({ ...body, upload }, { http, signal }, ({ content }) =>
    converter.convert({ session: params.session, content, kind }, signal, answer),
  );
};

const asJson = async ({ path, mimetype }: Converted): Promise<Reply> => {
  const handle = await open(path);
  const data = await handle.readFile('base64').finally(() => handle.close());
  return reply({ status: 201, json: { mimetype, data } });
};

/** An open file can be read although its folder is removed meanwhile. */
const asStream = async ({ path, mimetype }: Converted): Promise<Reply> => {
  const { size } = await stat(path);
  const handle = await open(path);
  const headers = { 'content-length': String(size) };
  return reply({ status: 201, contentType: mimetype, body: handle.createReadStream(), headers });
};
