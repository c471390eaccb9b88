import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { sign } from './keys.ts';

/** The prime of the field, 2^255 − 19, and the order of the group. */
const p = 2n ** 255n - 19n;
const order = 2n ** 252n + 27742317777372353535851937790883648493n;
/** ASN.1 of an X25519 private key, up to the 32 bytes themselves. */
const derPrefix = Buffer.from('302e020100300506032b656e04220420', 'hex');

/**
 * Signs with one key as {@link sign} does, XEdDSA, in a hundredth of its time after the first signature. What is dear is
 * the nonce times the base point. Node multiplies that point natively when it makes an Ed25519 key, and the scalar of
 * that key follows from its seed: it is the nonce. A bit of such a nonce is fixed, which is fine for a sandbox, that has
 * no secrets, and not for anything else.
 */
export class Signer {
  readonly #scalar: bigint;
  /** The public key on the Edwards curve. */
  readonly #public: Buffer;

  constructor(privateKey: Uint8Array) {
    this.#scalar = clamped(privateKey);
    this.#public = edwardsOf(publicOf(privateKey));
    // XEdDSA keeps the sign of the public key's x in the signature; it is not in the X25519 key.
    this.#public[31] = (this.#public[31] ?? 0) | signBit(sign(privateKey, Buffer.from('sign')));
  }

  /** An XEdDSA signature, 64 bytes. */
  sign(message: Uint8Array): Buffer {
    const { nonce, point } = freshNonce();
    const hash = createHash('sha512').update(point).update(this.#public).update(message).digest();
    const scalar = (nonce + numberOf(hash) * this.#scalar) % order;
    const signature = Buffer.concat([point, bytesOf(scalar)]);
    signature[63] = (signature[63] ?? 0) | signBit(this.#public);
    return signature;
  }
}

const signBit = (bytes: Buffer): number => (bytes.at(-1) ?? 0) & 0x80;

const clamped = (bytes: Uint8Array): bigint => {
  const copy = Buffer.from(bytes);
  copy[0] = (copy[0] ?? 0) & 248;
  copy[31] = ((copy[31] ?? 0) & 127) | 64;
  return numberOf(copy);
};

/** A scalar, and the base point times it. */
const freshNonce = (): { nonce: bigint; point: Buffer } => {
  const { d = '', x = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const expanded = createHash('sha512').update(Buffer.from(d, 'base64url')).digest();
  return { nonce: clamped(expanded.subarray(0, 32)), point: Buffer.from(x, 'base64url') };
};

const publicOf = (privateKey: Uint8Array): Buffer => {
  const key = createPrivateKey({ key: Buffer.concat([derPrefix, privateKey]), format: 'der', type: 'pkcs8' });
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32);
};

/** From the Montgomery curve to the Edwards curve: y = (u − 1) / (u + 1), without the sign of x. */
const edwardsOf = (publicKey: Buffer): Buffer => {
  const u = numberOf(publicKey);
  return bytesOf(((u + p - 1n) * inverse((u + 1n) % p)) % p);
};

/** By Fermat: a^(p − 2). */
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
