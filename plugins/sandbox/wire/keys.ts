import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { Curve } from '@whiskeysockets/baileys';
import { verifySignature } from 'libsignal/src/curve.js';

/** An X25519 key pair, both halves raw: 32 bytes each. */
export interface KeyPair {
  readonly public: Buffer;
  readonly private: Buffer;
}

const PRIVATE_DER = Buffer.from('302e020100300506032b656e04220420', 'hex');

/** A fresh X25519 key pair. */
export function newKeyPair(): KeyPair {
  const pair = Curve.generateKeyPair();
  return { public: Buffer.from(pair.public), private: Buffer.from(pair.private) };
}

/** The key pair that belongs to a label, the same in every process: nothing secret is protected by it. */
export function keyPairOf(label: string): KeyPair {
  const seed = createHash('sha256').update(label).digest();
  const key = createPrivateKey({ key: Buffer.concat([PRIVATE_DER, seed]), format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return { public: spki.subarray(-32), private: seed };
}

/** X25519 of a private and a public key, 32 bytes. */
export function agree(privateKey: Uint8Array, publicKey: Uint8Array): Buffer {
  return Buffer.from(Curve.sharedKey(privateKey, publicKey));
}

/** XEdDSA signature, 64 bytes. Pure JavaScript, about 12 ms: sign once and keep the result, or use a Signer. */
export function sign(privateKey: Uint8Array, message: Uint8Array): Buffer {
  return Buffer.from(Curve.sign(privateKey, message));
}

/**
 * Whether an XEdDSA signature is valid. Asks libsignal itself: `Curve.verify` of Baileys 7.0.0-rc14 only notices
 * exceptions, and libsignal answers with a boolean (docs/protocol.md, "Handshake").
 */
export function isSignedBy(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  return signature.length === 64 && verifySignature(withKeyType(publicKey), message, signature);
}

/** A public key as Signal writes it: type byte 5, then the 32 raw bytes. */
export function withKeyType(publicKey: Uint8Array): Buffer {
  return publicKey.length === 33 ? Buffer.from(publicKey) : Buffer.concat([Buffer.from([5]), publicKey]);
}
