import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { BusboyConfig, BusboyFileStream, BusboyInstance } from '@fastify/busboy';
import { badRequest, fileTooLarge, type RouteUpload, type UploadedFile, unavailable } from 'waha-runtime';

/** A multipart form as it came. */
export interface Form {
  /** Fields by name: texts, and JSON values where the part says that it is JSON. A field that comes twice is a list. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly file: UploadedFile | undefined;
  /** Removes the file. */
  discard(): Promise<void>;
}

const MAX_FIELD_BYTES = 1024 * 1024;
const MAX_FIELDS = 100;
/** So many forms are read at the same time: each may fill the disk up to its limit. */
const MAX_FORMS = 32;
let reading = 0;

export const isMultipart = (request: IncomingMessage): boolean =>
  request.headers['content-type']?.startsWith('multipart/') ?? false;

/** Reads a form; its file goes to a temporary one as it comes. Throws a 4xx for a form that is broken or too large. */
export const readForm = async (request: IncomingMessage, upload: RouteUpload): Promise<Form> => {
  if (reading >= MAX_FORMS) throw unavailable('too many files are being uploaded');
  reading += 1;
  const folder = await mkdtemp(join(tmpdir(), 'waha-upload-'));
  const discard = () => rm(folder, { recursive: true, force: true });
  try {
    const form = new FormParts(join(folder, 'file'), upload);
    await form.read(request);
    return { fields: form.fields(), file: await form.file(), discard };
  } catch (error) {
    await discard();
    throw error;
  } finally {
    reading -= 1;
  }
};

class FormParts {
  readonly #path: string;
  readonly #upload: RouteUpload;
  readonly #fields = new Map<string, unknown>();
  #file: Promise<UploadedFile | undefined> = Promise.resolve(undefined);
  #stream: BusboyFileStream | undefined;

  constructor(path: string, upload: RouteUpload) {
    this.#path = path;
    this.#upload = upload;
  }

  /** Not by `pipeline`: that would cut the connection before the answer says what is wrong. */
  async read(request: IncomingMessage): Promise<void> {
    // Not at the start: few requests are forms.
    const { Busboy } = await import('@fastify/busboy');
    try {
      await new Promise<void>((resolve, reject) => {
        const parser = this.#parser((config) => new Busboy(config), request, reject);
        const leave = () => request.complete || reject(brokenForm());
        request.once('close', leave).once('error', leave);
        parser.once('error', () => reject(brokenForm())).once('finish', resolve);
        request.pipe(parser);
      });
    } catch (fault) {
      request.unpipe().resume();
      this.#stream?.destroy();
      await this.#file.catch(() => undefined);
      throw fault;
    }
  }

  #parser(make: MakeParser, request: IncomingMessage, fail: (fault: unknown) => void) {
    const { field, maxBytes } = this.#upload;
    const parser = newParser(make, {
      headers: { ...request.headers, 'content-type': request.headers['content-type'] ?? '' },
      // One byte more than may be: the stream says only afterwards that it was cut.
      limits: { fieldSize: MAX_FIELD_BYTES, fields: MAX_FIELDS, files: 1, fileSize: maxBytes + 1 },
      isPartAFile: (name, type, filename) =>
        filename !== undefined ||
        (name === field && type !== undefined && !/^(text\/plain|application\/json)/.test(type)),
    });
    parser.on('field', (name, value, _nameCut, isCut, _encoding, type) => {
      if (isCut) return fail(badRequest(`${name} is too long`));
      this.#add(name, value, type, fail);
    });
    parser.on('file', (name, stream, filename, _encoding, type) => {
      if (name !== field) return fail(badRequest(`${name} must not be a file; the file goes into '${field}'`));
      this.#stream = stream;
      this.#file = this.#store(stream, filename, type);
      this.#file.catch(fail);
    });
    parser.on('filesLimit', () => fail(badRequest(`the form must have one file, in '${field}'`)));
    parser.on('fieldsLimit', () => fail(badRequest(`the form has more than ${MAX_FIELDS} fields`)));
    return parser;
  }

  fields(): Record<string, unknown> {
    return Object.fromEntries(this.#fields);
  }

  file(): Promise<UploadedFile | undefined> {
    return this.#file;
  }

  async #store(stream: BusboyFileStream, filename: string | undefined, type: string): Promise<UploadedFile> {
    const { field, maxBytes } = this.#upload;
    const hash = createHash('sha256');
    stream.on('data', (chunk: Buffer) => hash.update(chunk));
    const into = createWriteStream(this.#path, { flags: 'wx' });
    await pipeline(stream, into);
    const size = into.bytesWritten;
    if (size > maxBytes) throw fileTooLarge(field, `${Math.floor(maxBytes / 1024 / 1024)} MB`);
    const mimetype = type && type !== 'application/octet-stream' ? type : null;
    return { path: this.#path, size, mimetype, filename: filename || null, sha256: hash.digest('hex') };
  }

  #add(name: string, text: string, type: string, fail: (fault: unknown) => void): void {
    const key = name.replace(/\[\]$/, '');
    let value: unknown = text;
    if (type.startsWith('application/json')) {
      try {
        value = JSON.parse(text);
      } catch {
        fail(badRequest(`${key} is not valid JSON`));
        return;
      }
    }
    const before = this.#fields.get(key);
    if (before !== undefined) this.#fields.set(key, [before, value].flat());
    else this.#fields.set(key, key === name ? value : [value]);
  }
}

type MakeParser = (config: BusboyConfig) => BusboyInstance;

const newParser = (make: MakeParser, config: BusboyConfig) => {
  try {
    return make(config);
  } catch {
    throw brokenForm();
  }
};

const brokenForm = () => badRequest('the body is not a valid multipart form');
