import type { SignalDataSet, SignalKeyStoreWithTransaction, UserFacingSocketConfig } from '@whiskeysockets/baileys';
import type { AuthState } from '../credentials/auth-state.ts';
import { isMe } from '../credentials/me.ts';
import { ownIdentity } from '../credentials/own-identity.ts';
import { senderNameOf, sessionNameOf } from '../credentials/stored-names.ts';
import { decryptedInGroup } from '../libsignal/stored-sender-keys.ts';
import { decrypted, encrypted, type Step, type StoredSessions } from '../libsignal/stored-sessions.ts';
import { transactionsUnderWay } from './transactions-under-way.ts';

type MakeRepository = NonNullable<UserFacingSocketConfig['makeSignalRepository']>;
type Repository = ReturnType<MakeRepository>;
type GroupDecryption = Parameters<Repository['decryptGroupMessage']>[0];
type Encryption = Parameters<Repository['encryptMessage']>[0];
type Decryption = Parameters<Repository['decryptMessage']>[0];

export interface DecryptionWatch {
  /** Called before each message. */
  breathe(): Promise<void> | undefined;
  /** A stanza was decrypted; its receipt follows. */
  onDecrypted(): void;
}

export interface QuickDecryptionOptions extends DecryptionWatch {
  readonly auth: AuthState;
  readonly now: () => number;
  /** Stores the plaintext and these changes of keys together. */
  write(ciphertext: Uint8Array, plaintext: Uint8Array, changes: SignalDataSet): Promise<void>;
}

/**
 * Decrypts what goes on in a chain that is known without Baileys' transaction: from the session in memory to the one after it
 * is one step of the event loop, so nothing comes in between, and it is stored like what a transaction commits. Everything else
 * goes Baileys' road, and so does every message that comes while a transaction is under way: it may be about the same session.
 */
export const quickDecryption =
  (options: QuickDecryptionOptions, make: MakeRepository): MakeRepository =>
  (state, logger, findLids) => {
    const repository = make(state, logger, findLids);
    const keys = state.keys as SignalKeyStoreWithTransaction;
    const underWay = transactionsUnderWay(keys);
    const { auth } = options;
    const quick = ({ jid, type, ciphertext }: Decryption): Promise<Buffer> | null => {
      if (type !== 'msg' || underWay() > 0 || isMe(jid, auth.creds.me)) return null;
      const id = sessionNameOf(jid, auth);
      const step = id && stepOf(auth, id, (sessions, us) => decrypted(sessions, ciphertext, us, options.now()));
      if (!id || !step) return null;
      const written = options.write(ciphertext, step.bytes, { session: { [id]: step.sessions as never } });
      options.onDecrypted();
      return written.then(() => step.bytes);
    };
    const quickInGroup = ({ group, authorJid, msg }: GroupDecryption): Promise<Buffer> | null => {
      const id = underWay() > 0 || isMe(authorJid, auth.creds.me) ? null : senderNameOf(group, authorJid);
      const known = id && auth.known('sender-key', id);
      const step = known ? attempt(() => decryptedInGroup(known as Uint8Array, msg)) : null;
      if (!id || !step) return null;
      const written = options.write(msg, step.bytes, { 'sender-key': { [id]: step.senderKey } });
      options.onDecrypted();
      return written.then(() => step.bytes);
    };
    return {
      ...repository,
      decryptGroupMessage: async (message) => {
        await options.breathe();
        return quickInGroup(message) ?? repository.decryptGroupMessage(message);
      },
      decryptMessage: async (message) => {
        await options.breathe();
        await remembered(auth, message.jid);
        return quick(message) ?? repository.decryptMessage(message);
      },
    };
  };

/** Encrypts for sessions that are stored, within Baileys' transaction; libsignal does what is unusual. One at a time for each device. */
export const quickEncryption =
  (auth: AuthState, make: MakeRepository): MakeRepository =>
  (state, logger, findLids) => {
    const repository = make(state, logger, findLids);
    const keys = state.keys as SignalKeyStoreWithTransaction;
    const last = new Map<string, Promise<unknown>>();
    const encrypt = async (options: Encryption) => {
      const id = keys.isInTransaction() ? sessionNameOf(options.jid, auth) : null;
      const found = id && (await keys.get('session', [id]))[id];
      const step =
        found && attempt(() => encrypted(found as unknown as StoredSessions, options.data, ownIdentity(auth.creds)));
      if (!id || !step) return repository.encryptMessage(options);
      await keys.set({ session: { [id]: step.sessions as never } });
      return { type: step.type, ciphertext: step.bytes };
    };
    return {
      ...repository,
      encryptMessage: async (options) => {
        const before = last.get(options.jid);
        const made = before ? before.then(() => encrypt(options)) : encrypt(options);
        const ended = made.then(
          () => undefined,
          () => undefined,
        );
        last.set(options.jid, ended);
        void ended.then(() => last.get(options.jid) === ended && last.delete(options.jid));
        return made;
      },
    };
  };

/** Brings into memory what the store knows of a session. */
const remembered = (auth: AuthState, jid: string): Promise<unknown> | undefined => {
  const id = sessionNameOf(jid, auth);
  return id && auth.known('session', id) === undefined ? Promise.resolve(auth.keys.get('session', [id])) : undefined;
};

type StepOf = (sessions: StoredSessions, us: Uint8Array) => Step | null;

/** A step of a session that is in memory. */
const stepOf = (auth: AuthState, id: string, work: StepOf): Step | null => {
  const known = auth.known('session', id);
  return known ? attempt(() => work(known as StoredSessions, ownIdentity(auth.creds).publicKey)) : null;
};

/** What cannot be read is libsignal's to judge. */
const attempt = <T>(work: () => T | null): T | null => {
  try {
    return work();
  } catch {
    return null;
  }
};
