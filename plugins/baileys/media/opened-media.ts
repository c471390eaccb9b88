import { createDecipheriv, createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { fileError } from 'waha-runtime';
import type { MediaKeys } from '../messages/media-file.ts';

/** What a message says of its file. Null: it does not say, and so it is not checked. */
export interface ExpectedFile {
  readonly size: number | null;
  readonly sha256: Uint8Array | null;
  readonly sealedSha256: Uint8Array | null;
}

/** The first 10 bytes of an HMAC over IV and ciphertext stand behind the ciphertext. */
const MAC_LENGTH = 10;

/**
 * Decrypts a file as it comes, and throws `damaged` where it is not what the message says: its length, the hash of what
 * the server has, the authentication code, the hash of the content. Only an end without a throw means that it is whole.
 */
export async function* openedMedia(
  sealed: AsyncIterable<Uint8Array>,
  { iv, cipherKey, macKey }: MediaKeys,
  expected: ExpectedFile,
): AsyncGenerator<Uint8Array> {
  const decipher = createDecipheriv('aes-256-cbc', cipherKey, iv);
  const mac = createHmac('sha256', macKey).update(iv);
  const sealedHash = createHash('sha256');
  const content = new CheckedContent(expected);
  let tail: Uint8Array = Buffer.alloc(0);
  const opened = (encrypted: Uint8Array): Uint8Array => {
    mac.update(encrypted);
    return content.take(decipher.update(encrypted));
  };
  for await (const chunk of sealed) {
    sealedHash.update(chunk);
    // The code may be cut in two: so many bytes are held back until more come.
    const surplus = Math.max(0, tail.length + chunk.length - MAC_LENGTH);
    const [old, fresh] = [Math.min(surplus, tail.length), Math.max(0, surplus - tail.length)];
    if (old > 0) yield opened(tail.subarray(0, old));
    if (fresh > 0) yield opened(chunk.subarray(0, fresh));
    tail = Buffer.concat([tail.subarray(old), chunk.subarray(fresh)]);
  }
  const isReal = tail.length === MAC_LENGTH && timingSafeEqual(tail, mac.digest().subarray(0, MAC_LENGTH));
  if (!isReal) throw damaged('its authentication code is wrong');
  if (!same(sealedHash.digest(), expected.sealedSha256)) throw damaged('its encrypted bytes have another hash');
  const last = finalOf(decipher);
  if (last.length > 0) yield content.take(last);
  content.end();
}

/** The same for a file that is not encrypted, as in channels. */
export async function* checkedMedia(
  plain: AsyncIterable<Uint8Array>,
  expected: ExpectedFile,
): AsyncGenerator<Uint8Array> {
  const content = new CheckedContent(expected);
  for await (const chunk of plain) yield content.take(chunk);
  content.end();
}

class CheckedContent {
  readonly #expected: ExpectedFile;
  readonly #hash = createHash('sha256');
  #size = 0;

  constructor(expected: ExpectedFile) {
    this.#expected = expected;
  }

  take(plain: Uint8Array): Uint8Array {
    this.#size += plain.length;
    const { size } = this.#expected;
    if (size !== null && this.#size > size) throw damaged('it is longer than the message says');
    this.#hash.update(plain);
    return plain;
  }

  end(): void {
    const { size, sha256 } = this.#expected;
    if (size !== null && this.#size !== size) throw damaged('it is shorter than the message says');
    if (!same(this.#hash.digest(), sha256)) throw damaged('it has another hash than the message says');
  }
}

const finalOf = (decipher: { final(): Buffer }): Buffer => {
  try {
    return decipher.final();
  } catch (error) {
    throw damaged('it cannot be decrypted', error);
  }
};

const same = (one: Uint8Array, other: Uint8Array | null): boolean =>
  other === null || (one.length === other.length && timingSafeEqual(one, other));

const damaged = (how: string, cause?: unknown) => fileError('damaged', `the file is damaged: ${how}`, cause);
