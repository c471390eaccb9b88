import { FieldReader } from './field-reader.ts';

/** Signal's message between two devices, without its version and its MAC. */
export interface WhisperMessage {
  /** The sender's ratchet key, with its type: 33 bytes. */
  readonly ephemeralKey: Buffer;
  readonly counter: number;
  readonly previousCounter: number;
  readonly ciphertext: Buffer;
}

/** A message as it came. */
export interface ReadMessage extends WhisperMessage {
  /** The bytes that the MAC is of. */
  readonly content: Buffer;
  readonly mac: Buffer;
}

const versionByte = 0x33;
/** Tags of Protocol Buffers: the number of the field, and whether a varint (0) or bytes (2) follow. */
const ephemeralKeyTag = 0x0a;
const counterTag = 0x10;
const previousCounterTag = 0x18;
const ciphertextTag = 0x22;

/** The fields in the order of their numbers, each once, as everybody writes them; null for anything else. */
export const readWhisperMessage = (message: Uint8Array, macLength: number): ReadMessage | null => {
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  if (bytes.length <= macLength + 1 || bytes[0] !== versionByte) return null;
  const content = bytes.subarray(1, -macLength);
  const reader = new FieldReader(content);
  const ephemeralKey = reader.bytes(ephemeralKeyTag);
  const counter = reader.varint(counterTag);
  const previousCounter = reader.varint(previousCounterTag);
  const ciphertext = reader.bytes(ciphertextTag);
  if (!reader.isAtEnd || ephemeralKey?.length !== 33 || counter === null || previousCounter === null || !ciphertext)
    return null;
  return { ephemeralKey, counter, previousCounter, ciphertext, content, mac: bytes.subarray(-macLength) };
};

/** As libsignal writes it. */
export const whisperMessage = (message: WhisperMessage): Buffer => {
  const { ephemeralKey, counter, previousCounter, ciphertext } = message;
  const head = [
    ...[ephemeralKeyTag, ...varint(ephemeralKey.length), ...ephemeralKey],
    ...[counterTag, ...varint(counter), previousCounterTag, ...varint(previousCounter)],
    ...[ciphertextTag, ...varint(ciphertext.length)],
  ];
  return Buffer.concat([Buffer.from(head), ciphertext]);
};

/** What the other side needs to begin a session from a bundle of its keys. */
export interface PreKeyFields {
  readonly preKeyId: number | undefined;
  readonly baseKey: Uint8Array;
  readonly identityKey: Uint8Array;
  readonly registrationId: number;
  readonly signedPreKeyId: number;
}

const preKeyIdTag = 0x08;
const baseKeyTag = 0x12;
const identityKeyTag = 0x1a;
const messageTag = 0x22;
const registrationIdTag = 0x28;
const signedPreKeyIdTag = 0x30;

/** A finished message in the envelope that it has until the other side has answered, as libsignal writes it. */
export const preKeyMessage = (fields: PreKeyFields, message: Uint8Array): Buffer => {
  const { preKeyId, baseKey, identityKey, registrationId, signedPreKeyId } = fields;
  const head = [
    ...(preKeyId ? [preKeyIdTag, ...varint(preKeyId)] : []),
    ...[baseKeyTag, ...varint(baseKey.length), ...baseKey],
    ...[identityKeyTag, ...varint(identityKey.length), ...identityKey],
    ...[messageTag, ...varint(message.length)],
  ];
  const tail = [registrationIdTag, ...varint(registrationId), signedPreKeyIdTag, ...varint(signedPreKeyId)];
  return Buffer.concat([Buffer.from([versionByte, ...head]), message, Buffer.from(tail)]);
};

const varint = (value: number): number[] => {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return [...bytes, rest];
};
