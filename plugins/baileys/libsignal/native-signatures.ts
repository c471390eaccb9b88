import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { createRequire } from 'node:module';
import { calculateSignature } from 'whatsapp-rust-bridge';
import { Recent } from '../recent.ts';

/** The part of `curve25519-js` that libsignal signs and verifies with. */
export interface CurveLibrary {
  /** With `random` (64 bytes) signatures of one message differ; libsignal calls it without, and they do not. */
  sign(privateKey: Uint8Array, message: Uint8Array, random?: Uint8Array): Uint8Array;
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

/** The prime of the field, 2^255 − 19, and the order of the group. */
const p = 2n ** 255n - 19n;
const order = 2n ** 252n + 27742317777372353535851937790883648493n;
const keptKeys = 5_000;
const installed = Symbol.for('waha:baileys:native-signatures');
/** ASN.1 of an Ed25519 public key, up to the 32 bytes themselves. */
const derPrefix = Buffer.from('302a300506032b6570032100', 'hex');

/**
 * Verifies XEdDSA signatures, the ones of Signal, with Node's own Ed25519: the verdicts of `curve25519-js` in a hundredth
 * of its time. The public key of X25519 is mapped to the Edwards curve by y = (u − 1) / (u + 1); the sign of x is bit 7 of
 * the signature's last byte. Mapping is the dear part, so the keys of the latest senders are kept.
 */
export class NativeSignatures {
  readonly #keys = new Recent<KeyObject>(keptKeys);

  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
    if (signature.length !== 64) throw new Error('wrong signature length');
    if (publicKey.length !== 32) throw new Error('wrong public key length');
    const sign = (signature[63] ?? 0) & 0x80;
    return verify(null, message, this.#keyOf(publicKey, sign), plain(signature));
  }

  #keyOf(publicKey: Uint8Array, sign: number): KeyObject {
    const name = `${sign}${Buffer.from(publicKey).toString('latin1')}`;
    const known = this.#keys.get(name);
    if (known) return known;
    const key = createPublicKey({
      key: Buffer.concat([derPrefix, edwardsOf(publicKey, sign)]),
      format: 'der',
      type: 'spki',
    });
    this.#keys.set(name, key);
    return key;
  }
}

/**
 * Puts native verification under libsignal, wherever it verifies (group messages, the server's certificate, pairing), and
 * the WebAssembly that Baileys brings along where it signs (group messages, signed keys): 0.06 ms of CPU where
 * `curve25519-js` needs 5. They go in place of the two functions of `curve25519-js` that libsignal looks up at each call, so
 * neither Baileys nor libsignal is changed and libsignal's own checks of the arguments stay. Safe to call twice. A libsignal
 * without that library signs with something else, and is left alone.
 */
export const installNativeSignatures = (library: CurveLibrary | null = libraryOfBaileys()): void => {
  if (!library || installed in library) return;
  Object.defineProperty(library, installed, { value: true });
  const native = new NativeSignatures();
  library.verify = (publicKey, message, signature) => native.verify(publicKey, message, signature);
  const { sign } = library;
  library.sign = (privateKey, message, random) =>
    random ? sign(privateKey, message, random) : calculateSignature(privateKey, message);
};

/** The very copy that Baileys' libsignal uses, wherever it is installed; null where it uses none. */
export const libraryOfBaileys = (name = 'curve25519-js'): CurveLibrary | null => {
  const baileys = createRequire(import.meta.url).resolve('@whiskeysockets/baileys');
  const libsignal = createRequire(createRequire(baileys).resolve('libsignal/src/curve.js'));
  try {
    return libsignal(name) as CurveLibrary;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return null;
    throw error;
  }
};

/** The signature without the sign bit, its scalar below the order: OpenSSL takes no other, `curve25519-js` does. */
const plain = (signature: Uint8Array): Uint8Array => {
  const copy = Buffer.from(signature);
  copy[63] = (copy[63] ?? 0) & 0x7f;
  // All that is below 2^252 is below the order.
  if ((copy[63] ?? 0) < 0x10) return copy;
  copy.set(bytesOf(numberOf(copy.subarray(32)) % order), 32);
  return copy;
};

const edwardsOf = (publicKey: Uint8Array, sign: number): Buffer => {
  const u = numberOf(publicKey) % 2n ** 255n;
  const y = ((((u - 1n) * inverse((u + 1n) % p)) % p) + p) % p;
  const bytes = bytesOf(y);
  bytes[31] = (bytes[31] ?? 0) | sign;
  return bytes;
};

/** By Fermat: a^(p − 2). The inverse of 0 is 0, as in `curve25519-js`. */
const inverse = (value: bigint): bigint => {
  let result = 1n;
  let base = value;
  for (let exponent = p - 2n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * base) % p;
    base = (base * base) % p;
  }
  return result;
};

/** Little-endian. */
const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);

const bytesOf = (number: bigint): Buffer => Buffer.from(number.toString(16).padStart(64, '0'), 'hex').reverse();
