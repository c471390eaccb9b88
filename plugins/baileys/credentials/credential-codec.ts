import {
  type AuthenticationCreds,
  BufferJSON,
  proto,
  type SignalDataSet,
  type SignalDataTypeMap,
} from '@whiskeysockets/baileys';
import type { KeyChange } from 'waha-runtime/engine';

export type KeyType = keyof SignalDataTypeMap;

/** Credentials as bytes: JSON in which binary values are base64. */
export const encodeCredentials = (creds: AuthenticationCreds): Uint8Array => encode(creds);

/** Throws when the bytes are not the credentials of a linked device. */
export const decodeCredentials = (value: Uint8Array): AuthenticationCreds => {
  const creds = decode(value) as AuthenticationCreds;
  for (const pair of [creds.noiseKey, creds.signedIdentityKey, creds.signedPreKey?.keyPair]) {
    if (pair?.private?.length !== 32 || pair.public?.length !== 32) throw new Error('a key pair is missing or damaged');
  }
  if (!Number.isInteger(creds.registrationId)) throw new Error('the registration id is missing');
  if (!Number.isInteger(creds.nextPreKeyId)) throw new Error('the counter of one-time keys is missing');
  if (isLinked(creds) && !creds.me?.id) throw new Error('the account is missing');
  // Protobuf's JSON writes bytes as bare base64, which only its own reader turns back.
  if (creds.account) creds.account = proto.ADVSignedDeviceIdentity.fromObject(creds.account);
  return creds;
};

/** The account's signature is there: a phone has linked this device. `registered` stays false after a QR code. */
export const isLinked = (creds: AuthenticationCreds): boolean => creds.account != null;

/** Values that nobody changes any more once they are to be stored: they need not be encoded before they are written. */
const unchanged: ReadonlySet<string> = new Set(['session', 'sender-key', 'waha-inbound']);

/** A key that is to be written, or removed. Of several that are written together only the last is encoded. */
class LateKey implements KeyChange {
  readonly type: string;
  readonly id: string;
  #made: unknown;
  #bytes: Uint8Array | null | undefined;

  constructor(type: string, id: string, made: unknown) {
    this.type = type;
    this.id = id;
    this.#made = made;
    if (made == null || !unchanged.has(type)) this.#encode();
  }

  get value(): Uint8Array | null {
    return this.#bytes === undefined ? this.#encode() : this.#bytes;
  }

  #encode(): Uint8Array | null {
    const bytes = this.#made == null ? null : encode(this.#made);
    this.#bytes = bytes;
    this.#made = undefined;
    return bytes;
  }
}

/** What Baileys wants to store, as changes of the key store. */
export const keyChanges = (data: SignalDataSet): KeyChange[] => {
  const changes: KeyChange[] = [];
  for (const [type, values] of Object.entries(data)) {
    for (const [id, value] of Object.entries(values ?? {})) changes.push(new LateKey(type, id, value));
  }
  return changes;
};

export const decodeKey = <T extends KeyType>(type: T, value: Uint8Array): SignalDataTypeMap[T] => {
  const decoded = decode(value);
  const isSyncKey = type === 'app-state-sync-key' && typeof decoded === 'object' && decoded !== null;
  return (isSyncKey ? proto.Message.AppStateSyncKeyData.fromObject(decoded) : decoded) as SignalDataTypeMap[T];
};

const encode = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(written(value)));

/**
 * What `BufferJSON.replacer` makes of a value: bytes become `{ type: 'Buffer', data: <base64> }`. The replacer is called for
 * every property, and gets a `Buffer` as a list of numbers; keys are written at message rate, and most hold no bytes. An
 * object in which nothing changes is returned as it is.
 */
const written = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return { type: 'Buffer', data: base64(value) };
  if (isOdd(value)) return JSON.parse(JSON.stringify(value, BufferJSON.replacer));
  if (Array.isArray(value)) return value.map(written);
  const properties = value as Record<string, unknown>;
  let copy: Record<string, unknown> | undefined;
  for (const key of Object.keys(properties)) {
    const item = properties[key];
    const made = written(item);
    if (made === item) continue;
    copy ??= { ...properties };
    copy[key] = made;
  }
  return copy ?? value;
};

/** Protobuf messages, dates, and bytes in one of their JSON forms. A stanza's attributes have a `type`, too, and are not. */
const isOdd = (value: { readonly toJSON?: unknown; readonly type?: unknown }): boolean =>
  typeof value.toJSON === 'function' || value.type === 'Buffer';

const base64 = ({ buffer, byteOffset, byteLength }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64');

const decode = (value: Uint8Array): unknown => JSON.parse(Buffer.from(value).toString('utf8'), BufferJSON.reviver);
