import { createCipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { bytesToCrockford, Curve, type KeyPair, proto } from '@whiskeysockets/baileys';

/** The cryptography of a linking by passkey, which WhatsApp calls Shortcake (docs/protocol.md, "Passkeys"). */

const noSalt = Buffer.alloc(0);
const hkdf = (secret: Uint8Array, salt: string | Uint8Array, info: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, salt, info, 32));

/** The key that proves knowledge of the secret that was scanned, or that followed from the typed code. */
export const handoffKey = (secret: Uint8Array): Buffer => hkdf(secret, noSalt, 'shortcake-passkey-handoff-v1');

/** What we commit ourselves to before the phone says anything. */
export interface Commitment {
  readonly ephemeral: KeyPair;
  /** 32 bytes, revealed later. */
  readonly nonce: Buffer;
  readonly deviceType: number;
  readonly ref: string;
  /** `ProloguePayload`. */
  readonly payload: Buffer;
}

/** Keys and a nonce of their own for each ceremony. `deviceType` is the registered one. */
export const commit = (deviceType: number, ref: string): Commitment => {
  const ephemeral = Curve.generateKeyPair();
  const nonce = randomBytes(32);
  const identity = proto.CompanionEphemeralIdentity.encode({ publicKey: ephemeral.public, deviceType, ref }).finish();
  const hash = createHash('sha256').update(identity).update(nonce).digest();
  const payload = proto.ProloguePayload.encode({ companionEphemeralIdentity: identity, commitment: { hash } }).finish();
  return { ephemeral, nonce, deviceType, ref, payload: Buffer.from(payload) };
};

/** `pairing_handoff_proof`. */
export const handoffProof = (key: Uint8Array, payload: Uint8Array): Buffer =>
  createHmac('sha256', key).update(payload).digest();

/** The phone's half. */
export interface PrimaryIdentity {
  readonly publicKey: Uint8Array;
  readonly nonce: Uint8Array;
}

/** Reads `PrimaryEphemeralIdentity`; null when it is none, or a part has not 32 bytes. */
export const primaryIdentity = (bytes: Uint8Array): PrimaryIdentity | null => {
  try {
    const { publicKey, nonce } = proto.PrimaryEphemeralIdentity.decode(bytes);
    return publicKey?.length === 32 && nonce?.length === 32 ? { publicKey, nonce } : null;
  } catch {
    return null;
  }
};

/** What both sides show: `XXXX-XXXX`. */
export const confirmationCode = ({ nonce }: Commitment, primary: PrimaryIdentity): string => {
  const mask = createHash('sha256').update(nonce).update(primary.publicKey).digest();
  const five = Buffer.from(primary.nonce.subarray(0, 5)).map((byte, at) => byte ^ (mask[at] ?? 0));
  const code = bytesToCrockford(Buffer.from(five));
  return `${code.slice(0, 4)}-${code.slice(4)}`;
};

/** Our keys and the new secret, each 32 bytes, sealed for the phone: `EncryptedPairingRequest`. */
export const sealedRequest = (
  { ephemeral, deviceType, ref }: Commitment,
  primary: PrimaryIdentity,
  request: proto.IPairingRequest,
): Buffer => {
  const shared = Curve.sharedKey(ephemeral.private, primary.publicKey);
  const salt = `Companion Pairing ${deviceType} with ref ${ref}`;
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', hkdf(shared, salt, 'Pairing Information Encryption Key'), iv);
  const plain = proto.PairingRequest.encode(request).finish();
  const encryptedPayload = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return Buffer.from(proto.EncryptedPairingRequest.encode({ encryptedPayload, iv }).finish());
};

/** The type of device that Baileys registers for a browser, as a number. */
export const registeredDeviceType = (browser: string): number => {
  const types = proto.DeviceProps.PlatformType as unknown as Readonly<Record<string, number>>;
  const name = browser.toUpperCase();
  return (name === 'ANDROID' ? types['ANDROID_PHONE'] : types[name]) || proto.DeviceProps.PlatformType.CHROME;
};
