import { isAscii } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { Readable, Transform } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { parseJson } from '../config/bounded-json.ts';
import { badRequest, payloadTooLarge, RuntimeError } from '../errors.ts';
import { isTextForm, looksLikeJson, readTextForm } from './text-form.ts';

/** What came in a body. */
export interface BodyValue {
  readonly value: unknown;
  /** It was a form: all it has is texts. */
  readonly isForm: boolean;
}

/** How much of a body is read. */
export interface BodyLimits {
  readonly maxBytes: number;
  /** Called with each piece (bytes); what it throws is the answer. */
  onPiece(bytes: number): void;
}

/** Larger ones, which hold files, are counted (bytes). */
export const usualBytes = 1024 * 1024;

/**
 * Reads the body of a request: the texts of a form, and everything else as JSON, whatever its content type says:
 * `curl -d '{…}'` works. `{}` when there is none. Throws `PAYLOAD_TOO_LARGE` as soon as that is known, and `BAD_REQUEST`
 * for everything else that is wrong with it.
 */
export const readBody = async (request: IncomingMessage, limits: BodyLimits): Promise<BodyValue> => {
  const { headers } = request;
  if (headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0) return empty;
  const decode = decoderOf(headers['content-type']);
  const text = await decode(await bytesOf(request, limits));
  if (text === '') return empty;
  if (isTextForm(request) && !looksLikeJson(text)) {
    // Taking its escapes apart costs more than reading it; files go as multipart forms.
    if (text.length > usualBytes) throw payloadTooLarge(limitOf(usualBytes));
    return { value: readTextForm(text), isForm: true };
  }
  // Whoever else waits has a turn in between.
  if (text.length > usualBytes) await setImmediate();
  const value = parseJson(text, 'the body');
  if (typeof value !== 'object' || value === null) throw badRequest('the body is not a valid JSON object');
  return { value, isForm: false };
};

const empty: BodyValue = { value: {}, isForm: false };

const decoderOf = (contentType = ''): ((bytes: Uint8Array) => Promise<string>) => {
  const charset = /;\s{0,9}charset="?([\w-]{1,40})/i.exec(contentType)?.[1]?.toLowerCase() ?? 'utf-8';
  if (!charset.startsWith('utf-')) throw unsupported('the charset of the body is not supported');
  try {
    const decoder = new TextDecoder(charset);
    // A file in base64 is nothing but ASCII: that is found out, and read, at once.
    const isPlain = (bytes: Uint8Array) => charset === 'utf-8' && isAscii(bytes);
    return async (bytes) =>
      isPlain(bytes)
        ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
        : inSlices(bytes, decoder);
  } catch {
    throw unsupported('the charset of the body is not supported');
  }
};

/** Bytes that are decoded in one turn of the event loop. */
const slice = 4 * 1024 * 1024;

const inSlices = async (bytes: Uint8Array, decoder: InstanceType<typeof TextDecoder>): Promise<string> => {
  if (bytes.length <= slice) return decoder.decode(bytes);
  const texts: string[] = [];
  for (let at = 0; at < bytes.length; at += slice) {
    const part = bytes.subarray(at, at + slice);
    texts.push(decoder.decode(part, { stream: at + slice < bytes.length }));
    await setImmediate();
  }
  return texts.join('');
};

const unsupported = (what: string) => new RuntimeError('UNSUPPORTED_MEDIA_TYPE', what);

const limitOf = (bytes: number): string =>
  bytes >= 1024 * 1024 ? `${Math.floor(bytes / 1024 / 1024)}mb` : `${Math.floor(bytes / 1024)}kb`;

const bytesOf = (request: IncomingMessage, { maxBytes, onPiece }: BodyLimits): Promise<Buffer> => {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw payloadTooLarge(limitOf(maxBytes));
  const unpacker = unpackerOf(request.headers['content-encoding']);
  const source: Readable = unpacker ? request.pipe(unpacker) : request;
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let size = 0;
    const take = (piece: Buffer): void => {
      size += piece.length;
      pieces.push(piece);
      try {
        if (size > maxBytes) throw payloadTooLarge(limitOf(maxBytes));
        onPiece(piece.length);
      } catch (fault) {
        give(fault);
      }
    };
    const give = (fault: unknown): void => {
      source.off('data', take);
      if (unpacker) request.unpipe(unpacker);
      unpacker?.destroy();
      // What still comes is thrown away: the answer goes out meanwhile.
      request.resume();
      reject(fault);
    };
    const brokeOff = (): void => {
      if (!request.complete) reject(badRequest('the body broke off'));
    };
    source
      .on('data', take)
      .once('end', () => resolve(pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces)));
    unpacker?.on('error', () => give(badRequest('the body cannot be unpacked')));
    request.once('close', brokeOff).on('error', brokeOff);
  });
};

const unpackerOf = (encoding = 'identity'): Transform | null => {
  switch (encoding.trim().toLowerCase()) {
    case 'identity':
      return null;
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      return createInflate();
    case 'br':
      return createBrotliDecompress();
    default:
      throw unsupported('the Content-Encoding of the body is not supported');
  }
};
