import { createRequire } from 'node:module';
import { Curve, proto, WA_CERT_DETAILS } from '@whiskeysockets/baileys';
import { installNativeKeys } from './native-keys.ts';

interface LibsignalCurve {
  verifySignature(publicKey: Buffer, message: Uint8Array, signature: Uint8Array): boolean;
}

// The very copy of libsignal that Baileys uses, wherever it is installed.
const ofBaileys = createRequire(createRequire(import.meta.url).resolve('@whiskeysockets/baileys'));
const libsignal = ofBaileys('libsignal/src/curve.js') as LibsignalCurve;

const installed = Symbol.for('waha:baileys:signatures');

/**
 * Makes Baileys authenticate the server and the pairing. `Curve.verify` of 7.0.0-rc14 says yes to every signature: it only
 * notices exceptions, and libsignal answers with a boolean. Here it is given libsignal's answer, and the leaf of the
 * server's certificate chain must name the key of the handshake, which Baileys does not look at.
 *
 * `Curve` is Baileys' own exported object, so this holds for the whole process. Safe to call twice.
 */
export const verifySignatures = (): void => {
  if (installed in Curve) return;
  // They replace `Curve.sharedKey`: what looks at its calls here must come on top.
  installNativeKeys();
  Object.defineProperty(Curve, installed, { value: true });
  const { sharedKey } = Curve;
  // A handshake is one synchronous call: agree with the ephemeral key, agree with the static key, verify the leaf,
  // verify the intermediate. So these two are of the same handshake when the root is asked about.
  let lastPeer: Uint8Array | undefined;
  let lastMessage: Uint8Array | undefined;
  Curve.sharedKey = (privateKey, publicKey) => {
    lastPeer = publicKey;
    return sharedKey(privateKey, publicKey);
  };
  Curve.verify = (publicKey, message, signature) => {
    const leaf = lastMessage;
    lastMessage = message;
    if (!isSignedBy(publicKey, message, signature)) return false;
    return publicKey !== WA_CERT_DETAILS.PUBLIC_KEY || isCertificateOf(leaf, lastPeer);
  };
};

/** Trusts another root than WhatsApp's, for the whole process: `rootKey` is the raw public key in hex. */
export const trustRoot = (rootKey: string): void => {
  WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(rootKey, 'hex');
};

const isSignedBy = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean => {
  const typed = publicKey.length === 33 ? Buffer.from(publicKey) : Buffer.concat([Buffer.from([5]), publicKey]);
  try {
    return libsignal.verifySignature(typed, message, signature) === true;
  } catch {
    return false;
  }
};

const isCertificateOf = (details: Uint8Array | undefined, key: Uint8Array | undefined): boolean => {
  if (!details || !key) return false;
  const named = proto.CertChain.NoiseCertificate.Details.decode(details).key;
  return named != null && Buffer.from(named).equals(key);
};
