import { createWriteStream } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import {
  badRequest,
  type FileContent as Content,
  type Egress,
  fileTooLarge,
  isEgressError,
  named,
  sentence,
  Type,
  temporaryFolder,
  type UploadedFile,
  unprocessable,
} from 'waha-runtime';
import { base64Pieces, fromBase64, LARGE } from './base64.ts';
import { labelsFor, typeNamed } from './kinds.ts';

/** The largest file that can be sent. */
export const MAX_FILE_BYTES = 64 * 1024 * 1024;
const FETCH_TIMEOUT_MS = 60_000;
const REDIRECTS = 5;

const maybe = (example: string) => Type.Optional(Type.Union([Type.String(), Type.Null()], { examples: [example] }));
const url = Type.String({
  minLength: 1,
  maxLength: 8000,
  description: 'http or https; private addresses are refused',
  examples: ['https://example.org/picture.jpg'],
});
const data = Type.String({ minLength: 1, contentEncoding: 'base64', description: 'The bytes of the file' });
const labels = { mimetype: maybe('image/jpeg'), filename: maybe('filename.jpg') };

export const RemoteFile = named('RemoteFile', Type.Object({ ...labels, url }));
export const BinaryFile = named('BinaryFile', Type.Object({ ...labels, data }));
export const FileURL = named('FileURL', Type.Object({ url }));
export const FileContent = named('FileContent', Type.Object({ data }));

/** A file as a client names it. */
export interface NamedFile {
  readonly url?: string;
  readonly data?: string;
  readonly mimetype?: string | null;
  readonly filename?: string | null;
  /** It came with the request. */
  readonly upload?: UploadedFile | undefined;
}

/** A file as it is sent. */
export interface FetchedFile {
  readonly content: Content;
  /** Its first bytes. */
  readonly head: Uint8Array;
  /** What it is, by the first who says so: the client, the server that has it, its name, its bytes. */
  readonly mimetype: string | undefined;
  readonly filename: string | undefined;
}

export interface FetchOptions {
  readonly http: Egress;
  /** What errors name; `file` when absent. */
  readonly field?: string;
  /** 64 MB when absent. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

/**
 * Gets a file and hands it to `useFile`: decoded, or fetched through the guard into a temporary file that is gone afterwards.
 * Every way to fail is a 4xx that names the field, and so is a file of no bytes.
 */
export const withFile = async <T>(
  file: NamedFile,
  options: FetchOptions,
  useFile: (file: FetchedFile) => Promise<T>,
): Promise<T> => {
  const { field = 'file' } = options;
  const use = (fetched: FetchedFile): Promise<T> => {
    if (fetched.head.length === 0) throw badRequest(`${field} must not be empty`);
    return useFile(fetched);
  };
  if (file.upload) {
    const { path, mimetype, filename } = file.upload;
    const content = { path };
    return use({ content, head: await headOf(path), ...(await labelsFor({ content, mimetype, filename })) });
  }
  if (file.data !== undefined) {
    const { base64, mimetype } = textOf(file.data, field, options.maxBytes);
    const labels = { mimetype: typeNamed(file.mimetype) ?? mimetype, filename: file.filename };
    if (base64.length > LARGE)
      return inFolder(async (path) => {
        await pipeline(wholePieces(base64, field), createWriteStream(path, { mode: 0o600 }));
        const content = { path };
        return use({ content, head: await headOf(path), ...(await labelsFor({ content, ...labels })) });
      });
    const content = await fromBase64(base64);
    if (!content) throw notBase64(field);
    return use({ content, head: content.subarray(0, 64), ...(await labelsFor({ content, ...labels })) });
  }
  if (file.url === undefined) throw badRequest(`${field} must have a url or data`);
  const { url, mimetype, filename } = file;
  return inFolder(async (path) => {
    const { type, disposition, last } = await download(url, path, options);
    const content = { path };
    const labels = await labelsFor({ content, mimetype, filename, served: { type, disposition, name: nameIn(last) } });
    return use({ content, head: await headOf(path), ...labels });
  });
};

/** The bytes of a small file, such as the picture of a preview. */
export const bytesOf = (file: NamedFile, options: FetchOptions): Promise<Uint8Array> =>
  withFile(file, options, async ({ content }) => readAll(content));

const readAll = async (content: Content): Promise<Uint8Array> => {
  if (content instanceof Uint8Array) return content;
  const handle = await open(content.path);
  return handle.readFile().finally(() => handle.close());
};

const limitOf = (maxBytes: number): string => `${Math.floor(maxBytes / 1024 / 1024)} MB`;

/** The text that is to be decoded, and the type that a data URI names. */
const textOf = (text: string, field: string, maxBytes = MAX_FILE_BYTES): { base64: string; mimetype?: string } => {
  const comma = text.startsWith('data:') ? text.indexOf(',') : -1;
  const mimetype = comma > 0 ? text.slice(5, comma).replace(/;base64$/i, '') : '';
  const base64 = text.slice(comma + 1);
  if ((base64.length * 3) / 4 > maxBytes + 2) throw fileTooLarge(`${field}.data`, limitOf(maxBytes));
  return { base64, ...(mimetype ? { mimetype } : {}) };
};

const notBase64 = (field: string) => badRequest(`${field}.data must be base64`);

async function* wholePieces(base64: string, field: string): AsyncGenerator<Buffer> {
  for await (const piece of base64Pieces(base64)) {
    if (!piece) throw notBase64(field);
    yield piece;
  }
}

/** A path for a file that is gone afterwards. */
const inFolder = async <T>(work: (path: string) => Promise<T>): Promise<T> => {
  const folder = await temporaryFolder('send');
  try {
    return await work(join(folder, 'file'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const download = async (first: string, path: string, options: FetchOptions) => {
  const { field = 'file' } = options;
  const into = createWriteStream(path, { mode: 0o600 });
  // A file that cannot be written fails the request, or its end below.
  const written = finished(into);
  written.catch(() => undefined);
  try {
    const found = await follow(first, into, { ...options, field });
    into.end();
    await written;
    if ((await stat(path)).size === 0) throw unprocessable(`${field}.url: the file is empty`);
    return found;
  } finally {
    into.destroy();
  }
};

const follow = async (first: string, into: Writable, options: FetchOptions & { readonly field: string }) => {
  let last = first;
  for (let hops = 0; hops <= REDIRECTS; hops++) {
    const { status, headers } = await request(last, into, options);
    const location = headers['location'];
    if (status < 300) return { type: headers['content-type'], disposition: headers['content-disposition'], last };
    if (status >= 400 || !location || !URL.canParse(location, last)) {
      throw unprocessable(`${options.field}.url could not be fetched: the server answered ${status}`);
    }
    last = new URL(location, last).href;
  }
  throw unprocessable(`${options.field}.url could not be fetched: it redirects more than ${REDIRECTS} times`);
};

const request = async (target: string, into: Writable, options: FetchOptions & { readonly field: string }) => {
  const { http, field, maxBytes = MAX_FILE_BYTES, signal } = options;
  try {
    const limits = { maxBytes, timeoutMs: FETCH_TIMEOUT_MS, ...(signal ? { signal } : {}) };
    return await http.request({ url: target, into, ...limits });
  } catch (error) {
    if (isEgressError(error, 'too_large')) throw fileTooLarge(`${field}.url`, limitOf(maxBytes));
    if (isEgressError(error, 'refused')) throw badRequest(`${field}.url: ${sentence(error)}`);
    throw unprocessable(`${field}.url could not be fetched: ${sentence(error)}`);
  }
};

const headOf = async (path: string): Promise<Uint8Array> => {
  const handle = await open(path);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(64), 0, 64, 0).finally(() => handle.close());
  return buffer.subarray(0, bytesRead);
};

/** The last part of a URL's path, when it looks like the name of a file. */
const nameIn = (target: string): string | undefined => {
  const part = new URL(target).pathname.split('/').at(-1) ?? '';
  try {
    const name = decodeURIComponent(part);
    return /\.\w{1,10}$/.test(name) ? name : undefined;
  } catch {
    return undefined;
  }
};
