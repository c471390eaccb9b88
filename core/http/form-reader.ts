import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { BusboyConfig, BusboyFileStream, BusboyInstance } from '@fastify/busboy';
import { parseJson } from '../config/bounded-json.ts';
import type { RouteUpload, UploadedFile } from '../contracts/http.ts';
import { badRequest, fileTooLarge } from '../errors.ts';
import { temporaryFolder } from '../temporary-folders.ts';

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

export const isMultipart = (request: IncomingMessage): boolean =>
  request.headers['content-type']?.startsWith('multipart/') ?? false;

/** Reads a form; its file goes to a temporary one as it comes. Throws a 4xx for a form that is broken or too large. */
export const readForm = async (request: IncomingMessage, upload: RouteUpload): Promise<Form> => {
  const form = new FormParts(upload);
  try {
    await form.read(request);
    return { fields: form.fields(), file: await form.file(), discard: () => form.discard() };
  } catch (error) {
    await form.discard();
    throw error;
  }
};

class FormParts {
  readonly #upload: RouteUpload;
  readonly #fields = new Map<string, unknown>();
  /** Made for the file; a form without one leaves nothing behind. */
  #folder: Promise<string> | undefined;
  #file: Promise<UploadedFile | undefined> = Promise.resolve(undefined);
  #stream: BusboyFileStream | undefined;
  #refused = false;

  constructor(upload: RouteUpload) {
    this.#upload = upload;
  }

  /** Neither by `pipeline`, which would cut the connection before the answer says what is wrong, nor by `pipe`. */
  async read(request: IncomingMessage): Promise<void> {
    // Not at the start: few requests are forms.
    const { Busboy } = await import('@fastify/busboy');
    try {
      await new Promise<void>((resolve, reject) => {
        const parser = this.#parser((config) => new Busboy(config), request, reject);
        const leave = () => request.complete || reject(brokenForm());
        request.once('close', leave).once('error', leave);
        parser.on('error', () => reject(brokenForm())).once('finish', resolve);
        feed(request, parser, () => reject(brokenForm()));
      });
    } catch (fault) {
      this.#refused = true;
      request.removeAllListeners('data').resume();
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
      limits: {
        fieldSize: MAX_FIELD_BYTES,
        fields: MAX_FIELDS,
        parts: MAX_FIELDS + 2,
        files: 1,
        fileSize: maxBytes + 1,
      },
      isPartAFile: (name, type, filename) =>
        filename !== undefined ||
        (name === field && type !== undefined && !/^(text\/plain|application\/json)/.test(type)),
    });
    parser.on('field', (name: string | undefined, value, _nameCut, isCut, _encoding, type) => {
      if (!name) return fail(namelessPart());
      if (isCut) return fail(badRequest(`${name} is too long`));
      this.#add(name, value, type, fail);
    });
    parser.on('file', (name: string | undefined, stream, filename, _encoding, type) => {
      // A stream that nobody listens to ends the process when the form breaks off in it.
      stream.on('error', () => fail(brokenForm()));
      this.#stream = stream;
      if (this.#refused) return void stream.destroy();
      if (!name) return fail(namelessPart());
      if (name !== field) return fail(badRequest(`${name} must not be a file; the file goes into '${field}'`));
      this.#file = this.#store(stream, filename, type);
      this.#file.catch(fail);
    });
    parser.on('partsLimit', () => fail(badRequest(`the form has more than ${MAX_FIELDS} fields`)));
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

  async discard(): Promise<void> {
    const folder = await this.#folder?.catch(() => undefined);
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }

  async #store(stream: BusboyFileStream, filename: string | undefined, type: string): Promise<UploadedFile> {
    const { field, maxBytes } = this.#upload;
    this.#folder = temporaryFolder('upload');
    const path = join(await this.#folder, 'file');
    // The form was refused meanwhile; a pipeline may wait for ever for a stream that is destroyed already.
    if (stream.destroyed) throw brokenForm();
    const hash = createHash('sha256');
    stream.on('data', (chunk: Buffer) => hash.update(chunk));
    const into = createWriteStream(path, { flags: 'wx', mode: 0o600 });
    await pipeline(stream, into);
    const size = into.bytesWritten;
    if (size > maxBytes) throw fileTooLarge(field, `${Math.floor(maxBytes / 1024 / 1024)} MB`);
    const mimetype = type && type !== 'application/octet-stream' ? type : null;
    return { path, size, mimetype, filename: filename || null, sha256: hash.digest('hex') };
  }

  #add(name: string, text: string, type: string, fail: (fault: unknown) => void): void {
    const key = name.replace(/\[\]$/, '');
    let value: unknown = text;
    if (type.startsWith('application/json')) {
      try {
        value = parseJson(text, key);
      } catch (error) {
        fail(error);
        return;
      }
    }
    const before = this.#fields.get(key);
    if (before !== undefined) this.#fields.set(key, [before, value].flat());
    else this.#fields.set(key, key === name ? value : [value]);
  }
}

/**
 * Gives the parser one piece after the other, each once the one before is taken: the parser then works only while we call
 * it, and what it throws comes here. With `pipe` it would end the process.
 */
const feed = (request: IncomingMessage, parser: BusboyInstance, fail: () => void): void => {
  const shielded = (work: () => void): void => {
    try {
      work();
    } catch {
      fail();
    }
  };
  request.on('data', (piece: Buffer) => {
    request.pause();
    shielded(() => parser.write(piece, () => request.resume()));
  });
  request.once('end', () => shielded(() => parser.end()));
};

type MakeParser = (config: BusboyConfig) => BusboyInstance;

const newParser = (make: MakeParser, config: BusboyConfig) => {
  try {
    return make(config);
  } catch {
    throw brokenForm();
  }
};

const namelessPart = () => badRequest('a part of the form has no name');
const brokenForm = () => badRequest('the body is not a valid multipart form');
