import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { parseJson } from '../config/bounded-json.ts';
import type { SessionBundle } from '../contracts/moving.ts';
import { badRequest, sentence, unprocessable } from '../errors.ts';

/*
 * A session on its way from one server to another, as bytes: JSON, compressed, and with a passphrase encrypted (AES-256-GCM, the
 * key by scrypt). An encrypted one begins with `WAHA1`, sixteen bytes of salt and twelve of nonce; the last sixteen are the tag.
 */

const mark = Buffer.from('WAHA1');
const sizes = { salt: 16, nonce: 12, tag: 16 } as const;
/** 64 MB and a quarter of a second for each guess. */
const cost = { N: 65_536, r: 8, p: 1, maxmem: 128 * 1024 * 1024 };
/** A session of ten thousand keys has a tenth of it. */
const limits = { depth: 64, values: 4_000_000, escapedQuotes: 20_000_000 };
const largestBytes = 256 * 1024 * 1024;

const keyOf = promisify(scrypt) as (
  secret: string,
  salt: Uint8Array,
  length: number,
  options: typeof cost,
) => Promise<Buffer>;
const compress = promisify(gzip);
const expand = promisify(gunzip) as (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Buffer>;

/** The bundle as bytes; encrypted when there is a passphrase. */
export const packBundle = async (bundle: SessionBundle, passphrase?: string): Promise<Uint8Array> => {
  const text = JSON.stringify({ format: 'waha-session', version: 1, ...bundle });
  const bytes = await compress(text);
  if (passphrase === undefined) return bytes;
  const [salt, nonce] = [randomBytes(sizes.salt), randomBytes(sizes.nonce)];
  const cipher = createCipheriv('aes-256-gcm', await keyOf(passphrase, salt, 32, cost), nonce);
  const head = Buffer.concat([mark, salt, nonce]);
  cipher.setAAD(head);
  return Buffer.concat([head, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
};

/** Throws `UNPROCESSABLE` when a passphrase is missing or wrong, and `BAD_REQUEST` for what is no bundle. */
export const unpackBundle = async (bytes: Uint8Array, passphrase?: string): Promise<SessionBundle> => {
  const packed = isSealed(bytes) ? await unsealed(bytes, passphrase) : bytes;
  const text = await textIn(packed);
  return checked(parseJson(text, 'the export', limits));
};

/** Whether a passphrase is needed. */
export const isSealed = (bytes: Uint8Array): boolean => mark.equals(bytes.subarray(0, mark.length));

const checked = (value: unknown): SessionBundle => {
  const { format, version, ...bundle } = (value ?? {}) as SessionBundle & { format?: unknown; version?: unknown };
  if (format !== 'waha-session')
    throw badRequest("this is not an export of a session: its 'format' is not waha-session");
  if (version !== 1) throw badRequest('the export was made by a newer version of the server');
  const { desired = 'running' } = bundle;
  if (desired !== 'running' && desired !== 'stopped') throw badRequest("'desired' must be running or stopped");
  return bundle;
};

const unsealed = async (bytes: Uint8Array, passphrase: string | undefined): Promise<Uint8Array> => {
  if (passphrase === undefined) throw unprocessable('the export is encrypted: its passphrase is needed');
  const body = mark.length + sizes.salt + sizes.nonce;
  if (bytes.length < body + sizes.tag) throw badRequest('the export is cut off');
  const salt = bytes.subarray(mark.length, mark.length + sizes.salt);
  const nonce = bytes.subarray(mark.length + sizes.salt, body);
  const decipher = createDecipheriv('aes-256-gcm', await keyOf(passphrase, salt, 32, cost), nonce);
  decipher.setAAD(bytes.subarray(0, body));
  decipher.setAuthTag(bytes.subarray(-sizes.tag));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(body, -sizes.tag)), decipher.final()]);
  } catch {
    throw unprocessable('the passphrase is wrong, or the export was changed');
  }
};

const textIn = async (bytes: Uint8Array): Promise<string> => {
  const isCompressed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (!isCompressed) return Buffer.from(bytes).toString('utf8');
  try {
    return (await expand(bytes, { maxOutputLength: largestBytes })).toString('utf8');
  } catch (error) {
    throw badRequest(`the export cannot be unpacked: ${sentence(error)}`);
  }
};
