import { proto } from '@whiskeysockets/baileys';
import { type KeyPair, keyPairOf, sign } from './keys.ts';

/** What the server proves itself with: its static Noise key and the chain that vouches for it. */
export interface ServerIdentity {
  readonly staticKey: KeyPair;
  /** `CertChain`, encoded. */
  readonly chain: Uint8Array;
}

const root = keyPairOf('waha-runtime sandbox: root 1');

/**
 * The public key that signs the sandbox's certificates, 32 bytes as hex. Always the same, so a client may pin it the
 * way it pins WhatsApp's (`WA_CERT_DETAILS.PUBLIC_KEY` in Baileys).
 */
export const ROOT_KEY = root.public.toString('hex');

let identity: ServerIdentity | undefined;

/** The identity of every sandbox, built on first use: two signatures, some 25 ms. */
export function serverIdentity(): ServerIdentity {
  identity ??= issue();
  return identity;
}

/** Valid for stricter clients than Baileys rc14 too: the leaf is the static key itself, both signatures are real. */
function issue(): ServerIdentity {
  const { Details } = proto.CertChain.NoiseCertificate;
  const intermediate = keyPairOf('waha-runtime sandbox: intermediate 1');
  const staticKey = keyPairOf('waha-runtime sandbox: static 1');
  const [notBefore, notAfter] = [1_700_000_000, 4_102_444_800];
  const middle = Details.encode({ serial: 1, issuerSerial: 0, key: intermediate.public, notBefore, notAfter }).finish();
  const leaf = Details.encode({ serial: 2, issuerSerial: 1, key: staticKey.public, notBefore, notAfter }).finish();
  const chain = proto.CertChain.encode({
    intermediate: { details: middle, signature: sign(root.private, middle) },
    leaf: { details: leaf, signature: sign(intermediate.private, leaf) },
  }).finish();
  return { staticKey, chain };
}
