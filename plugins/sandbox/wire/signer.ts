import { createHash, randomBytes } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import { bytesToNumberLE, numberToBytesLE } from '@noble/curves/utils.js';

const { Point } = ed25519;
const { ORDER: order } = Point.Fn;

/**
 * Signs with one key as `sign` of `keys.ts` does, XEdDSA (https://signal.org/docs/specifications/xeddsa), in a fraction of
 * its time. As libsignal has it, bit 7 of the signature's last byte is the sign of the public key's x on the Edwards curve:
 * the X25519 key that verifies does not hold it.
 */
export class Signer {
  readonly #scalar: bigint;
  /** The public key on the Edwards curve. */
  readonly #public: Uint8Array;

  constructor(privateKey: Uint8Array) {
    this.#scalar = bytesToNumberLE(clamped(privateKey)) % order;
    this.#public = Point.BASE.multiply(this.#scalar).toBytes();
  }

  /** An XEdDSA signature, 64 bytes. */
  sign(message: Uint8Array): Buffer {
    const nonce = bytesToNumberLE(randomBytes(64)) % order;
    const point = Point.BASE.multiply(nonce).toBytes();
    const hash = createHash('sha512').update(point).update(this.#public).update(message).digest();
    const scalar = (nonce + bytesToNumberLE(hash) * this.#scalar) % order;
    const signature = Buffer.concat([point, numberToBytesLE(scalar, 32)]);
    signature[63] = (signature[63] ?? 0) | ((this.#public[31] ?? 0) & 0x80);
    return signature;
  }
}

/** As RFC 7748 has it: a multiple of 8, below 2^255. */
const clamped = (bytes: Uint8Array): Buffer => {
  const copy = Buffer.from(bytes);
  copy[0] = (copy[0] ?? 0) & 248;
  copy[31] = ((copy[31] ?? 0) & 127) | 64;
  return copy;
};
