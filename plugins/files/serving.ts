import { Readable } from 'node:stream';
import { create as contentDisposition } from 'content-disposition';
import { notFound, type RouteGroup, reply, route, SessionName, Type } from 'waha-runtime';
import { type FileStorage, isFileName } from 'waha-runtime/storage';
import type { FileIndex, FileRow } from './file-index.ts';
import { rangeOf } from './range.ts';

export interface ServingOptions {
  index(): FileIndex | undefined;
  storage(): FileStorage;
}

/** Files as WAHA serves them: whole or in part, to whoever holds a key for the session. */
export const filesGroup = (options: ServingOptions): RouteGroup => ({
  tag: 'Files',
  description: 'Files of messages',
  routes: [
    route({
      method: 'GET',
      path: '/api/files/{session}/{file}',
      summary: 'Get the file of a message',
      description:
        'This is the address in `media.url` of a message. It supports `Range`, and accepts the key in the query as `x-api-key`.',
      right: 'any',
      params: Type.Object({ session: SessionName, file: Type.String() }),
      responses: {
        200: { description: 'The file', content: { 'application/octet-stream': binary } },
        206: { description: 'A part of it', content: { 'application/octet-stream': binary } },
        404: { description: 'The file does not exist, or its lifetime is over' },
        416: { description: 'The range lies outside of the file' },
      },
      handle: ({ params, headers }) => serve(options, params.session, params.file, headers),
    }),
  ],
});

const binary = Type.String({ format: 'binary' });

type Headers = Readonly<Record<string, string | undefined>>;

const serve = async (options: ServingOptions, session: string, name: string, headers: Headers) => {
  const row = isFileName(name) ? await options.index()?.get({ session, name }) : null;
  if (!row) throw missing();
  const labels = labelsOf(row);
  if (headers['if-none-match']?.includes(labels.etag)) return reply({ status: 304, headers: labels });
  const isFresh = headers['if-range'] === undefined || headers['if-range'] === labels.etag;
  const range = isFresh ? rangeOf(headers['range'], row.size) : null;
  if (range === 'unsatisfiable') {
    return reply({ status: 416, headers: { ...labels, 'content-range': `bytes */${row.size}` } });
  }
  const content = await options.storage().read(row, range ?? undefined);
  if (!content) throw missing();
  return reply({
    status: range ? 206 : 200,
    contentType: row.mimetype,
    body: content instanceof Readable ? content : Readable.from(content, { objectMode: false }),
    headers: {
      ...labels,
      'content-length': String(range ? range.end - range.start + 1 : row.size),
      ...(range ? { 'content-range': `bytes ${range.start}-${range.end}/${row.size}` } : {}),
    },
  });
};

const missing = () => notFound('there is no such file, or its time is up');

/** Strangers send these files: no browser may take one for a page of this server. */
const labelsOf = ({ mimetype, filename, name, sha256, storedAt, size }: FileRow) => ({
  'accept-ranges': 'bytes',
  etag: `"${sha256 ?? `${storedAt}-${size}`}"`,
  'cache-control': 'private, no-cache',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "sandbox; default-src 'none'",
  'content-disposition': contentDisposition(headerName(filename ?? name), {
    type: isShowable(mimetype) ? 'inline' : 'attachment',
  }),
});

const isShowable = (mimetype: string): boolean =>
  /^(image|audio|video)\//.test(mimetype) && !mimetype.startsWith('image/svg');

/** A name that a header can carry: no path, no control characters, no half of a character. */
const headerName = (filename: string): string =>
  filename
    .replace(/[\\/\p{Control}]/gu, '_')
    .slice(0, 200)
    .toWellFormed();
