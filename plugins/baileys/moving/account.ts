import { type AuthenticationCreds, BufferJSON, type SignalDataSet } from '@whiskeysockets/baileys';
import { sentence, unprocessable } from 'waha-runtime';
import type { AcceptedAccount, KeyChange, SessionAuth } from 'waha-runtime/engine';
import { renewCopied } from '../credentials/copied.ts';
import {
  decodeCredentials,
  decodeKey,
  encodeCredentials,
  isLinked,
  type KeyType,
  keyChanges,
} from '../credentials/credential-codec.ts';
import { meOf } from '../credentials/me.ts';

/** Every type of key that Baileys stores, the ones that begin with another's name before it: file names are read by them. */
export const keyTypes = [
  'pre-key',
  'session',
  'sender-key-memory',
  'sender-key',
  'app-state-sync-key',
  'app-state-sync-version',
  'lid-mapping',
  'device-list',
  'tctoken',
  'identity-key',
] as const satisfies readonly KeyType[];

/** What travels: Baileys' own JSON, in which bytes are `{ type: 'Buffer', data: <base64> }`. */
export interface BaileysAccount {
  readonly creds: unknown;
  /** By type and id. */
  readonly keys: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Checks an account that another server kept, whichever of Baileys' forms of bytes it uses. */
export const acceptAccount = (account: unknown): AcceptedAccount => {
  const { creds: given, keys = {} } = (account ?? {}) as Partial<BaileysAccount>;
  if (!isObject(given)) throw unprocessable('the account has no credentials');
  const creds = checkedCredentials(given);
  const me = meOf(creds);
  if (!isLinked(creds) || !me) {
    throw unprocessable('the account is not linked: no phone has ever scanned a code for these credentials');
  }
  const { changes, damaged } = acceptKeys(keys);
  return { changes: { credentials: { value: encodeCredentials(creds), linked: true }, keys: changes }, me, damaged };
};

/** Everything of an account, as Baileys' JSON. */
export const giveAccount = async (auth: SessionAuth): Promise<BaileysAccount> => {
  const stored = await auth.credentials();
  if (!stored?.linked) throw unprocessable('no account is linked to the session, so there is nothing to export');
  const creds = await renewCopied(auth, decodeCredentials(stored.value));
  const keys: Record<string, Record<string, unknown>> = {};
  for (const type of keyTypes) {
    const rows = await auth.list(type);
    if (rows.size > 0) keys[type] = Object.fromEntries([...rows].map(([id, value]) => [id, jsonOf(value)]));
  }
  return { creds: jsonOf(encodeCredentials(creds)), keys };
};

const jsonOf = (value: Uint8Array): unknown => JSON.parse(Buffer.from(value).toString('utf8'));

/** Bytes in any of the forms that Baileys, or a column of type JSON, makes of them. */
const revived = (value: unknown): unknown => JSON.parse(JSON.stringify(value), (_, item) => bytesIn(item));

const bytesIn = (item: unknown): unknown => {
  const isList = isObject(item) && item['type'] === 'Buffer' && Array.isArray(item['data']);
  if (isObject(item) && isBareBytes(item)) return Buffer.from(Object.values(item) as number[]);
  return isList ? Buffer.from(item['data'] as number[]) : BufferJSON.reviver('', item);
};

/** What JSON makes of a `Uint8Array` that nobody replaced: `{ "0": 17, "1": 4, … }`. */
const isBareBytes = (item: Record<string, unknown>): boolean =>
  '31' in item && Object.entries(item).every(([place, byte], at) => place === String(at) && Number.isInteger(byte));

const checkedCredentials = (given: object): AuthenticationCreds => {
  try {
    const creds = revived(given) as AuthenticationCreds;
    return decodeCredentials(encodeCredentials(creds));
  } catch (error) {
    throw unprocessable(`the credentials cannot be used: ${sentence(error)}`);
  }
};

const acceptKeys = (keys: unknown): { changes: KeyChange[]; damaged: number } => {
  const changes: KeyChange[] = [];
  let damaged = 0;
  for (const type of keyTypes) {
    const values = isObject(keys) ? keys[type] : undefined;
    for (const [id, value] of Object.entries(isObject(values) ? values : {})) {
      const change = acceptKey(type, id, value);
      if (change) changes.push(change);
      else damaged += 1;
    }
  }
  return { changes, damaged };
};

const acceptKey = (type: KeyType, id: string, value: unknown): KeyChange | null => {
  try {
    const key = revived(value);
    if (key == null || !looksRight(type, key)) return null;
    const [change] = keyChanges({ [type]: { [id]: key } } as SignalDataSet);
    if (!change?.value) return null;
    decodeKey(type, change.value);
    return change;
  } catch {
    return null;
  }
};

/** A key of the wrong shape would only fail when a message needs it. */
const looksRight = (type: KeyType, key: unknown): boolean => {
  if (type === 'lid-mapping') return typeof key === 'string';
  if (type === 'device-list') return Array.isArray(key);
  if (type === 'pre-key') return isObject(key) && isKey(key['private']) && isKey(key['public']);
  return isObject(key);
};

const isKey = (value: unknown): boolean => value instanceof Uint8Array && value.length >= 32;

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
