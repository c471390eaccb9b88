import type { AuthenticationCreds, SignalDataTypeMap } from '@whiskeysockets/baileys';
import type { Log } from 'waha-runtime';
import type { KeyChange, SessionAuth } from 'waha-runtime/engine';
import { decodeKey, encodeCredentials, keyChanges } from './credential-codec.ts';
import { ownSenderKeyNames } from './sender-key-names.ts';

/** More one-time keys than a device gives out between a backup and the day when it is needed. */
const idsSkipped = 100_000;
/** An id has three bytes, and is not 0. */
const largestId = 0xff_ff_ff;

/** A session's record, as libsignal serializes it: `closed` is -1 while messages are sent with it, else the time of its end. */
interface SessionRecord {
  readonly _sessions?: Readonly<Record<string, { readonly indexInfo?: { closed?: number } }>>;
}

/**
 * Whoever opens a copy has keys that its original may have used since: a key of a ratchet that encrypts two messages betrays them,
 * and whoever receives the second one cannot read it. So nothing is sent with what is there any more:
 *
 * - Sessions are closed. Received messages are still read with them; the next one to be sent begins another, for which
 *   Baileys fetches the other side's keys.
 * - Our own keys of groups go, and the notes of who has them: the next message makes a new one and hands it out.
 * - One-time keys get ids that the original never gave out. The server's stock is the original's: what comes with one of those
 *   keys is asked for again.
 * - Lists of others' devices are fetched anew: the original was told of changes.
 *
 * Resolves with the credentials as they are stored now.
 */
export const renewCopied = async (
  auth: SessionAuth,
  creds: AuthenticationCreds,
  log?: Pick<Log, 'info'>,
): Promise<AuthenticationCreds> => {
  const { copiedAt } = auth;
  if (copiedAt == null) return creds;
  const nextPreKeyId = ((creds.nextPreKeyId + idsSkipped - 1) % largestId) + 1;
  const renewed = { ...creds, nextPreKeyId, firstUnuploadedPreKeyId: nextPreKeyId };
  const keys = [
    ...closed(await auth.list('session')),
    ...(await ownSenderKeys(auth, creds)),
    ...removed('sender-key-memory', await auth.list('sender-key-memory')),
    ...removed('device-list', await auth.list('device-list')),
  ];
  await auth.commit({ credentials: { value: encodeCredentials(renewed), linked: true }, keys, renewed: true });
  const fields = { copiedAt: new Date(copiedAt).toISOString(), keys: keys.length };
  log?.info(fields, 'restored from a backup: conversations and groups get new keys for what is sent');
  return renewed;
};

/** A record that cannot be read is of no use for sending either. */
const closed = (stored: ReadonlyMap<string, Uint8Array>): KeyChange[] =>
  [...stored].flatMap(([id, value]) => {
    try {
      const record = decodeKey('session', value) as SessionRecord;
      for (const { indexInfo } of Object.values(record._sessions ?? {})) {
        if (indexInfo?.closed === -1) indexInfo.closed = Date.now();
      }
      return keyChanges({ session: { [id]: record as SignalDataTypeMap['session'] } });
    } catch {
      return [{ type: 'session', id, value: null }];
    }
  });

/** A group has a key of ours under our number or our hidden id. */
const ownSenderKeys = async (auth: SessionAuth, { me }: AuthenticationCreds): Promise<KeyChange[]> => {
  const stored = [...(await auth.list('sender-key')).keys()];
  const groups = new Set(stored.map((id) => id.split('::', 1)[0] ?? ''));
  const own = new Set(me ? [...groups].flatMap((group) => ownSenderKeyNames(me, group)) : []);
  return stored.filter((id) => own.has(id)).map((id) => ({ type: 'sender-key', id, value: null }));
};

const removed = (type: string, stored: ReadonlyMap<string, Uint8Array>): KeyChange[] =>
  [...stored.keys()].map((id) => ({ type, id, value: null }));
