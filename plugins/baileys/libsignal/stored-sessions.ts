import { createCipheriv, timingSafeEqual } from 'node:crypto';
import { deciphered, hmac, secretsOf } from './message-secrets.ts';
import { preKeyMessage, readWhisperMessage, whisperMessage } from './whisper-message.ts';

/** A chain of libsignal as it stores it: keys in base64. `messageKeys` are those that were skipped, by their counter. */
interface StoredChain {
  readonly chainKey: { readonly counter: number; readonly key?: string };
  readonly chainType: number;
  readonly messageKeys: Readonly<Record<string, string>>;
}

interface StoredEntry {
  readonly currentRatchet: {
    readonly ephemeralKeyPair: { readonly pubKey: string };
    readonly previousCounter: number;
  };
  readonly indexInfo: { readonly closed: number; readonly used?: number; readonly remoteIdentityKey: string };
  readonly _chains: Readonly<Record<string, StoredChain>>;
  /** The keys that the session was begun with, until the other side has answered. */
  readonly pendingPreKey?: {
    readonly preKeyId?: number;
    readonly signedKeyId: number;
    readonly baseKey: string;
  };
}

/** All sessions with one device, as libsignal stores them (`SessionRecord.serialize`). Values are never changed, only replaced. */
export interface StoredSessions {
  readonly _sessions: Readonly<Record<string, StoredEntry>>;
  readonly version: string;
}

/** What became of a message, and the sessions after it. */
export interface Step {
  readonly bytes: Buffer;
  readonly sessions: StoredSessions;
}

/** A message that is written; `pkmsg` begins the session on the other side, too. */
export interface WrittenStep extends Step {
  readonly type: 'msg' | 'pkmsg';
}

/** Who we are to Signal: the public key of our identity, with its type, and the number of our registration. */
export interface OwnIdentity {
  readonly publicKey: Uint8Array;
  readonly registrationId: number;
}

const version = 'v1';
const sending = 1;
const receiving = 2;
/** With more, libsignal forgets the oldest at each step. */
const mostSessions = 40;
/** How many messages may be missing before this one; with more, libsignal decides. */
const mostSkipped = 500;
const macLength = 8;
const open = -1;
const messageKeyInfo = 'WhisperMessageKeys';
const ofMessage = Buffer.from([1]);
const ofChain = Buffer.from([2]);
const tuple = Buffer.from([0x33]);

/**
 * Decrypts a message of a chain that exists already, which is every one but the first after the other side has heard from us. Null
 * when anything about it is unusual: then libsignal's own road says what it is. The result and the sessions are those of
 * libsignal (`SessionCipher.decryptWhisperMessage`), which for the same takes every key of every session out of its text and
 * puts it back. `us`: our identity's public key, with its type.
 */
export const decrypted = (sessions: StoredSessions, message: Uint8Array, us: Uint8Array, now: number): Step | null => {
  const read = readWhisperMessage(message, macLength);
  const [id, entry] = lastUsed(sessions) ?? [];
  if (!read || !id || !entry || entry.indexInfo.closed !== open) return null;
  const name = read.ephemeralKey.toString('base64');
  const chain = entry._chains[name];
  if (chain?.chainType !== receiving) return null;
  const taken = keyOf(chain, read.counter);
  if (!taken) return null;
  const [cipherKey, macKey, third] = secretsOf(taken.key, messageKeyInfo);
  const mac = hmac(macKey, Buffer.from(entry.indexInfo.remoteIdentityKey, 'base64'), us, tuple, read.content);
  if (!timingSafeEqual(mac.subarray(0, macLength), read.mac)) return null;
  const bytes = deciphered(cipherKey, third.subarray(0, 16), read.ciphertext);
  if (!bytes) return null;
  const { pendingPreKey: _, ...rest } = entry;
  const after = {
    ...rest,
    indexInfo: { ...entry.indexInfo, used: now },
    _chains: { ...entry._chains, [name]: taken.chain },
  };
  return { bytes, sessions: { ...sessions, _sessions: { ...sessions._sessions, [id]: after } } };
};

/**
 * Encrypts for a session; null for whatever is unusual. The bytes and the sessions are those of `SessionCipher.encrypt`, which
 * for the same takes every key of every session out of its text and puts it back.
 */
export const encrypted = (sessions: StoredSessions, data: Uint8Array, us: OwnIdentity): WrittenStep | null => {
  if (!isUsual(sessions)) return null;
  const [id, entry] = Object.entries(sessions._sessions).find(([, { indexInfo }]) => indexInfo.closed === open) ?? [];
  if (!id || !entry) return null;
  const { ephemeralKeyPair, previousCounter } = entry.currentRatchet;
  const name = ephemeralKeyPair.pubKey;
  const chain = entry._chains[name];
  if (chain?.chainType !== sending) return null;
  const counter = chain.chainKey.counter + 1;
  const taken = keyOf(chain, counter);
  if (!taken) return null;
  const [cipherKey, macKey, third] = secretsOf(taken.key, messageKeyInfo);
  const cipher = createCipheriv('aes-256-cbc', cipherKey, third.subarray(0, 16));
  const ciphertext = Buffer.concat([cipher.update(data), cipher.final()]);
  const ephemeralKey = Buffer.from(name, 'base64');
  const content = whisperMessage({ ephemeralKey, counter, previousCounter, ciphertext });
  const mac = hmac(macKey, us.publicKey, Buffer.from(entry.indexInfo.remoteIdentityKey, 'base64'), tuple, content);
  const bytes = Buffer.concat([tuple, content, mac.subarray(0, macLength)]);
  const after = { ...entry, _chains: { ...entry._chains, [name]: taken.chain } };
  return {
    ...enveloped(bytes, entry.pendingPreKey, us),
    sessions: { ...sessions, _sessions: { ...sessions._sessions, [id]: after } },
  };
};

/** The message as it is sent: with the keys that begin the session while nobody has answered in it. */
const enveloped = (
  message: Buffer,
  pending: StoredEntry['pendingPreKey'],
  { publicKey, registrationId }: OwnIdentity,
): Pick<WrittenStep, 'bytes' | 'type'> => {
  if (!pending) return { bytes: message, type: 'msg' };
  const { preKeyId, signedKeyId: signedPreKeyId } = pending;
  const fields = { preKeyId, signedPreKeyId, registrationId, identityKey: publicKey };
  return {
    bytes: preKeyMessage({ ...fields, baseKey: Buffer.from(pending.baseKey, 'base64') }, message),
    type: 'pkmsg',
  };
};

const isUsual = (sessions: StoredSessions): boolean =>
  sessions.version === version && Object.keys(sessions._sessions).length <= mostSessions;

/** The session that libsignal would try first. */
const lastUsed = (sessions: StoredSessions): readonly [string, StoredEntry] | null => {
  if (!isUsual(sessions)) return null;
  let found: readonly [string, StoredEntry] | null = null;
  for (const one of Object.entries(sessions._sessions)) {
    if (!found || (one[1].indexInfo.used || 0) > (found[1].indexInfo.used || 0)) found = one;
  }
  return found;
};

/** The key of a message, and the chain without it. Null when it was used, or the chain goes no further. */
const keyOf = (chain: StoredChain, counter: number): { readonly key: Buffer; readonly chain: StoredChain } | null => {
  const { chainKey } = chain;
  const messageKeys = { ...chain.messageKeys };
  if (counter <= chainKey.counter) {
    const kept = messageKeys[counter];
    if (kept === undefined) return null;
    delete messageKeys[counter];
    return { key: Buffer.from(kept, 'base64'), chain: { ...chain, messageKeys } };
  }
  if (chainKey.key === undefined || counter - chainKey.counter > mostSkipped) return null;
  let key: Buffer = Buffer.from(chainKey.key, 'base64');
  for (let skipped = chainKey.counter + 1; skipped < counter; skipped++) {
    messageKeys[skipped] = hmac(key, ofMessage).toString('base64');
    key = hmac(key, ofChain);
  }
  const next = { counter, key: hmac(key, ofChain).toString('base64') };
  return { key: hmac(key, ofMessage), chain: { ...chain, chainKey: next, messageKeys } };
};
