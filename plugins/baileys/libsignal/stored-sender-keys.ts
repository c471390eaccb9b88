import { createRequire } from 'node:module';
import { FieldReader } from './field-reader.ts';
import { deciphered, hmac, secretsOf } from './message-secrets.ts';

/** Bytes in JSON: a list of numbers, or base64. */
interface StoredBytes {
  readonly type: 'Buffer';
  readonly data: readonly number[] | string;
}

/** A sender's key of a group as Baileys stores it (`SenderKeyRecord.serialize`), which is a list of these. */
interface StoredState {
  readonly senderKeyId: number;
  readonly senderChainKey: { readonly iteration: number; readonly seed: StoredBytes };
  readonly senderSigningKey: { readonly public: StoredBytes };
  /** Those of messages that were not there yet when a later one came. */
  readonly senderMessageKeys: readonly { readonly iteration: number; readonly seed: StoredBytes }[];
}

/** What became of a message, and the sender's key after it. */
export interface GroupStep {
  readonly bytes: Buffer;
  readonly senderKey: Buffer;
}

interface LibsignalCurve {
  verifySignature(publicKey: Buffer, message: Uint8Array, signature: Uint8Array): boolean;
}

// The very copy of libsignal that Baileys uses, with what is installed in it.
const ofBaileys = createRequire(createRequire(import.meta.url).resolve('@whiskeysockets/baileys'));
const curve = ofBaileys('libsignal/src/curve.js') as LibsignalCurve;

const versionByte = 0x33;
const signatureLength = 64;
const [idTag, iterationTag, ciphertextTag] = [0x08, 0x10, 0x1a];
/** With more skipped at once, or kept, Baileys decides. */
const mostSkipped = 500;
const mostKept = 2000;
const purpose = 'WhisperGroup';
const ofMessage = Buffer.from([1]);
const ofChain = Buffer.from([2]);

/**
 * Decrypts a message of a sender in a group. Null when it is an earlier one than the last, or anything about it is unusual: then
 * Baileys' own road says what it is. The result is that of Baileys (`GroupCipher.decrypt`), and what is stored says what that
 * of Baileys says, with the repair of skipped keys (`repairs/skipped-sender-keys.ts`).
 */
export const decryptedInGroup = (senderKey: Uint8Array, message: Uint8Array): GroupStep | null => {
  const signed = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  if (signed.length <= signatureLength + 1 || signed[0] !== versionByte) return null;
  const reader = new FieldReader(signed.subarray(1, -signatureLength));
  const [id, iteration, ciphertext] = [reader.varint(idTag), reader.varint(iterationTag), reader.bytes(ciphertextTag)];
  if (!reader.isAtEnd) return null;
  const states = statesOf(senderKey);
  const place = states.findIndex(({ senderKeyId }) => senderKeyId === id);
  const state = states[place];
  if (!state || !ciphertext || iteration === null) return null;
  const signature = signed.subarray(-signatureLength);
  const publicKey = typed(bytesOf(state.senderSigningKey.public));
  const next = stateAfter(state, iteration);
  if (!next || !curve.verifySignature(publicKey, signed.subarray(0, -signatureLength), signature)) return null;
  const [first, second] = secretsOf(next.key, purpose);
  const key = Buffer.concat([first.subarray(16), second.subarray(0, 16)]);
  const bytes = deciphered(key, first.subarray(0, 16), ciphertext);
  if (!bytes) return null;
  const after = states.map((one, at) => (at === place ? next.state : one));
  const stored = Buffer.from(JSON.stringify(after));
  read.set(stored, after);
  return { bytes, senderKey: stored };
};

/** What is written in keys that are in memory: the next message of the sender asks. */
const read = new WeakMap<Uint8Array, readonly StoredState[]>();

const statesOf = (senderKey: Uint8Array): readonly StoredState[] =>
  read.get(senderKey) ?? (JSON.parse(Buffer.from(senderKey).toString()) as StoredState[]);

/** The key of a message that is not behind the chain, and the state after it; keys before it are kept. */
const stateAfter = (
  state: StoredState,
  iteration: number,
): { readonly key: Buffer; readonly state: StoredState } | null => {
  const { senderChainKey, senderMessageKeys, senderSigningKey } = state;
  const skipped = iteration - senderChainKey.iteration;
  if (skipped < 0 || skipped > mostSkipped || senderMessageKeys.length + skipped > mostKept) return null;
  let seed = bytesOf(senderChainKey.seed);
  const kept = [...senderMessageKeys];
  for (let at = senderChainKey.iteration; at < iteration; at++) {
    kept.push({ iteration: at, seed: inText(hmac(seed, ofMessage)) });
    seed = hmac(seed, ofChain);
  }
  const chain = { iteration: iteration + 1, seed: inText(hmac(seed, ofChain)) };
  // A list of numbers takes three times as long to write, and to read.
  const isList = typeof senderSigningKey.public.data !== 'string';
  const signing = isList ? { ...senderSigningKey, public: inText(bytesOf(senderSigningKey.public)) } : senderSigningKey;
  const after = { ...state, senderChainKey: chain, senderSigningKey: signing, senderMessageKeys: kept };
  return { key: hmac(seed, ofMessage), state: after };
};

const inText = (bytes: Buffer): StoredBytes => ({ type: 'Buffer', data: bytes.toString('base64') });

const bytesOf = ({ data }: StoredBytes): Buffer =>
  typeof data === 'string' ? Buffer.from(data, 'base64') : Buffer.from(data);

const typed = (key: Buffer): Buffer => (key.length === 32 ? Buffer.concat([Buffer.from([5]), key]) : key);
