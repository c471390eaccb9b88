import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto';
import { createRequire } from 'node:module';
import { Curve } from '@whiskeysockets/baileys';

/** The part of libsignal's `curve.js` that makes keys and agrees on secrets with them. */
export interface KeyAgreement {
  /** The public key has 33 bytes, a 5 before it. */
  generateKeyPair(): { readonly pubKey: Buffer; readonly privKey: Buffer };
  calculateAgreement(pubKey: Buffer, privKey: Buffer): Buffer;
}

/** A key of X25519 as a JSON Web Key (RFC 8037), as far as it is used: `d` is the private one, `x` the public one. */
interface WebKey {
  readonly d: string;
  readonly x: string;
}

const installed = Symbol.for('waha:baileys:native-keys');
const keyType = Buffer.from([5]);

/** The very copy of `curve.js` that Baileys uses, wherever it is installed. */
const libsignalOfBaileys = (): KeyAgreement =>
  createRequire(createRequire(import.meta.url).resolve('@whiskeysockets/baileys'))('libsignal/src/curve.js');

/**
 * Makes keys, and agrees on secrets, with keys in the form of a JSON Web Key. libsignal gives Node's crypto the DER of each
 * key, which Node 20 reads and writes for several times as long as the work on the curve takes: 0.43 ms of CPU instead of
 * 0.07 for an agreement, of which a turn of the ratchet needs two, and 0.12 ms instead of 0.03 for each of the 812 keys of a
 * new device. `findings/node-reads-x25519-from-der-slowly.sh` measures it.
 *
 * The functions take the place of those of libsignal's module, which it looks up at each call, and of Baileys' `Curve`,
 * which keeps libsignal's own. What is no key of the usual form goes to libsignal, which says what is wrong with it. Safe to
 * call twice.
 */
export const installNativeKeys = (
  libsignal: KeyAgreement = libsignalOfBaileys(),
  curve: Pick<typeof Curve, 'generateKeyPair' | 'sharedKey'> = Curve,
): void => {
  if (installed in libsignal) return;
  Object.defineProperty(libsignal, installed, { value: true });
  const { calculateAgreement } = libsignal;
  libsignal.generateKeyPair = () => {
    const { d, x } = newKey();
    return { pubKey: Buffer.concat([keyType, fromText(x)]), privKey: fromText(d) };
  };
  libsignal.calculateAgreement = (pubKey, privKey) =>
    isUsual(pubKey, privKey) ? agree(pubKey.subarray(1), privKey) : calculateAgreement(pubKey, privKey);
  curve.generateKeyPair = () => {
    const { d, x } = newKey();
    return { public: fromText(x), private: fromText(d) };
  };
  curve.sharedKey = (privateKey, publicKey) => {
    const typed = publicKey.length === 33 ? publicKey : Buffer.concat([keyType, publicKey]);
    return Buffer.from(libsignal.calculateAgreement(typed as Buffer, privateKey as Buffer));
  };
};

/** Node's types know no JSON Web Key here; its documentation does. */
const inWebForm = { privateKeyEncoding: { format: 'jwk' } } as never;
const newKey = (): WebKey => (generateKeyPairSync('x25519', inWebForm) as unknown as { privateKey: WebKey }).privateKey;

const isUsual = (pubKey: unknown, privKey: unknown): boolean =>
  pubKey instanceof Buffer &&
  pubKey.length === 33 &&
  pubKey[0] === 5 &&
  privKey instanceof Buffer &&
  privKey.length === 32;

/** Node reads the private key from `d` alone, and wants some text as `x`. */
const agree = (publicKey: Buffer, privateKey: Buffer): Buffer => {
  const kind = { kty: 'OKP', crv: 'X25519' };
  return diffieHellman({
    privateKey: createPrivateKey({ key: { ...kind, d: privateKey.toString('base64url'), x: '' }, format: 'jwk' }),
    publicKey: createPublicKey({ key: { ...kind, x: publicKey.toString('base64url') }, format: 'jwk' }),
  });
};

const fromText = (text: string): Buffer => Buffer.from(text, 'base64url');
