import { createDecipheriv, createHash, createHmac, hkdfSync } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';
import { agree, type KeyPair } from '../wire/keys.ts';

/** Crockford's alphabet as WhatsApp has it: without 0, I, O and U. */
const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTVWXYZ';
const NO_SALT = Buffer.alloc(0);

/** What the client commits itself to in the prologue. */
export interface Prologue {
  /** As it came: the nonce is checked against these bytes. */
  readonly identity: Buffer;
  readonly publicKey: Buffer;
  readonly deviceType: number;
  readonly ref: string;
  readonly commitment: Buffer;
}

/** Reads `ProloguePayload`. Throws when a part is missing. */
export function readPrologue(bytes: Uint8Array): Prologue {
  const { companionEphemeralIdentity, commitment } = proto.ProloguePayload.decode(bytes);
  if (!companionEphemeralIdentity || commitment?.hash?.length !== 32) throw new Error('the prologue is incomplete');
  const identity = proto.CompanionEphemeralIdentity.decode(companionEphemeralIdentity);
  if (identity.publicKey?.length !== 32) throw new Error('the ephemeral key of the companion is not 32 bytes');
  return {
    identity: Buffer.from(companionEphemeralIdentity),
    publicKey: Buffer.from(identity.publicKey),
    deviceType: identity.deviceType ?? 0,
    ref: identity.ref ?? '',
    commitment: Buffer.from(commitment.hash),
  };
}

/** The key that proves knowledge of the scanned secret: good for five minutes, once. */
export const handoffKey = (secret: Uint8Array): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, NO_SALT, 'shortcake-passkey-handoff-v1', 32));

/** `pairing_handoff_proof`: HMAC-SHA256 of the prologue. */
export const handoffProof = (key: Uint8Array, prologue: Uint8Array): Buffer =>
  createHmac('sha256', key).update(prologue).digest();

/** Whether the nonce is the one that the client committed itself to. */
export const keepsCommitment = ({ identity, commitment }: Prologue, nonce: Uint8Array): boolean =>
  createHash('sha256').update(identity).update(nonce).digest().equals(commitment);

/** The eight characters that both sides show: five bytes of the phone's nonce, mixed with what the client revealed. */
export function confirmationCode(primaryNonce: Uint8Array, companionNonce: Uint8Array, primaryKey: Uint8Array): string {
  const mask = createHash('sha256').update(companionNonce).update(primaryKey).digest();
  let bits = 0n;
  for (let at = 0; at < 5; at++) bits = (bits << 8n) | BigInt((primaryNonce[at] ?? 0) ^ (mask[at] ?? 0));
  const characters = Array.from({ length: 8 }, (_, at) => ALPHABET[Number((bits >> BigInt(35 - 5 * at)) & 31n)]);
  return `${characters.slice(0, 4).join('')}-${characters.slice(4).join('')}`;
}

/** Opens `EncryptedPairingRequest`. Throws when it was sealed for somebody else. */
export function openPairingRequest(bytes: Uint8Array, prologue: Prologue, primary: KeyPair): proto.PairingRequest {
  const { encryptedPayload, iv } = proto.EncryptedPairingRequest.decode(bytes);
  if (!encryptedPayload || encryptedPayload.length < 16 || iv?.length !== 12)
    throw new Error('the request is incomplete');
  const salt = `Companion Pairing ${prologue.deviceType} with ref ${prologue.ref}`;
  const shared = agree(primary.private, prologue.publicKey);
  const key = Buffer.from(hkdfSync('sha256', shared, salt, 'Pairing Information Encryption Key', 32));
  const decipher = createDecipheriv('aes-256-gcm', key, iv);
  decipher.setAuthTag(encryptedPayload.subarray(-16));
  const plain = Buffer.concat([decipher.update(encryptedPayload.subarray(0, -16)), decipher.final()]);
  return proto.PairingRequest.decode(plain);
}
