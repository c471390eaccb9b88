import type {
  BinaryNode,
  WAMessage as RawMessage,
  SignalKeyStoreWithTransaction,
  UserFacingSocketConfig,
} from '@whiskeysockets/baileys';
import { type Log, type SessionAuth, sentence } from 'waha-runtime';
import type { BaileysSocket } from '../connection/socket-options.ts';
import type { AuthState } from '../credentials/auth-state.ts';
import { isOwnTalk, type JournalEntry, readEntry, rebuild } from './journal-entry.ts';

type MakeRepository = NonNullable<UserFacingSocketConfig['makeSignalRepository']>;
type SignalRepository = ReturnType<MakeRepository>;
type Keys = Pick<SignalKeyStoreWithTransaction, 'set'>;

/** A key type of our own, beside those of Signal. */
const journalType = 'waha-inbound';

/** How long the removal of what is published waits for a transaction to go with (ms). */
const LAZY_MS = 1000;

export interface JournalParts {
  readonly state: AuthState;
  readonly store: SessionAuth;
  readonly log: Log;
  readonly now: () => number;
}

interface Open {
  readonly entries: JournalEntry[];
  /** Baileys has handed the message out. */
  handedOut: boolean;
}

/**
 * Decrypting a message uses its key up: when it comes again it cannot be decrypted again, and a crash between that step
 * and the publishing would lose it. So its plaintext is stored in the transaction that stores the step, and removed when
 * the message is published. What a former connection left is published when the next one opens; that the same fact always
 * has the same id makes repeats harmless.
 */
export class InboundJournal {
  readonly #parts: JournalParts;
  /** Which stanza a ciphertext that is being handled belongs to. */
  readonly #stanzas = new WeakMap<Uint8Array, BinaryNode>();
  /** What is stored and not published, by message id. */
  readonly #open = new Map<string, Open>();
  /** Entries to remove with the next transaction. */
  readonly #through = new Set<string>();
  #repository: SignalRepository | undefined;
  #timer: NodeJS.Timeout | undefined;
  #count = 0;
  #looking = false;
  #look: () => void = () => undefined;

  constructor(parts: JournalParts) {
    this.#parts = parts;
  }

  /** A repository that stores what it decrypts. */
  wrap(make: MakeRepository): MakeRepository {
    return (state, logger, findLids) => {
      const inner = make(state, logger, findLids);
      const keys = state.keys as SignalKeyStoreWithTransaction;
      this.#repository = {
        ...inner,
        decryptMessage: (options) =>
          keys.transaction(async () => {
            const plaintext = await inner.decryptMessage(options);
            await this.#write(keys, options.ciphertext, plaintext);
            return plaintext;
          }, options.jid),
        decryptGroupMessage: (options) =>
          keys.transaction(async () => {
            const plaintext = await inner.decryptGroupMessage(options);
            await this.#write(keys, options.msg, plaintext);
            return plaintext;
          }, options.group),
      };
      return this.#repository;
    };
  }

  /**
   * Sees stanzas before Baileys does. `orphaned` gets messages that were decrypted and are not handed out: of a stanza with
   * two ciphertexts that comes again, Baileys may refuse the first and forget the second.
   */
  attach(sock: BaileysSocket, orphaned: (raw: RawMessage) => void): void {
    sock.ws.prependListener('CB:message', (stanza: BinaryNode) => {
      for (const { content } of Array.isArray(stanza.content) ? stanza.content : []) {
        if (content instanceof Uint8Array) this.#stanzas.set(content, stanza);
      }
    });
    sock.ev.on('messages.upsert', ({ messages }) => {
      for (const { key } of messages) {
        const open = this.#open.get(key.id ?? '');
        if (open) open.handedOut = true;
      }
    });
    // Messages are decrypted and handed out one at a time under this mutex.
    this.#look = async () => {
      const upTo = await sock.messageMutex.mutex(async () => {
        this.#looking = false;
        return this.#count;
      });
      sock.ev.flush();
      for (const raw of await this.#orphans(upTo)) orphaned(raw);
    };
  }

  /** Whether the next connection would publish the message, if this one does not. */
  keeps(id: string | null | undefined): boolean {
    return this.#open.has(id ?? '');
  }

  /** The message is published, or there is nothing to publish about it. */
  published(id: string | null | undefined): void {
    const open = this.#open.get(id ?? '');
    if (!id || !open) return;
    this.#open.delete(id);
    for (const entry of open.entries) this.#through.add(entry.id);
    this.#timer ??= setTimeout(() => void this.flush(), LAZY_MS).unref();
  }

  /** What former connections decrypted and did not publish, in its order. */
  async left(): Promise<RawMessage[]> {
    const stored = await this.#parts.store.list(journalType);
    if (stored.size === 0) return [];
    this.#parts.log.info({ messages: stored.size }, 'messages that were decrypted before are published now');
    const entries: JournalEntry[] = [];
    for (const [id, bytes] of stored) {
      const entry = readEntry(id, bytes);
      if (entry) entries.push(entry);
      else this.#through.add(id);
    }
    entries.sort((a, b) => a.at - b.at || a.number - b.number);
    for (const entry of entries) this.#openOf(entry).handedOut = true;
    return this.#rebuilt([...new Set(entries.map(({ attrs }) => attrs['id'] ?? ''))]);
  }

  /** Removes what is published, as far as that works. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const through = [...this.#through];
    if (through.length === 0) return;
    this.#through.clear();
    const removals = Object.fromEntries(through.map((id) => [id, null]));
    await this.#set(this.#parts.state.keys, removals).catch(() => undefined);
  }

  async #write(keys: Keys, ciphertext: Uint8Array, plaintext: Uint8Array): Promise<void> {
    const stanza = this.#stanzas.get(ciphertext);
    if (!stanza) return;
    const number = ++this.#count;
    const at = this.#parts.now();
    const value = { attrs: stanza.attrs, plaintext: Buffer.from(plaintext), at, number };
    if (isOwnTalk(value, this.#parts.state.creds.me)) return;
    const entry = { ...value, id: `${at.toString(36)}.${number}.${stanza.attrs['id']}` };
    const through = [...this.#through];
    this.#through.clear();
    await this.#set(keys, { [entry.id]: value, ...Object.fromEntries(through.map((id) => [id, null])) });
    this.#openOf(entry);
    if (this.#looking) return;
    this.#looking = true;
    this.#look();
  }

  #openOf(entry: JournalEntry): Open {
    const message = entry.attrs['id'] ?? '';
    const open = this.#open.get(message) ?? { entries: [], handedOut: false };
    open.entries.push(entry);
    this.#open.set(message, open);
    return open;
  }

  #orphans(upTo: number): Promise<RawMessage[]> {
    const orphans: string[] = [];
    for (const [message, open] of this.#open) {
      if (open.handedOut || open.entries.some(({ number }) => number > upTo)) continue;
      open.handedOut = true;
      orphans.push(message);
    }
    return this.#rebuilt(orphans);
  }

  async #rebuilt(messages: readonly string[]): Promise<RawMessage[]> {
    const { state, log } = this.#parts;
    const found: RawMessage[] = [];
    for (const message of messages) {
      const { entries = [] } = this.#open.get(message) ?? {};
      const raw = await rebuild(entries, state.creds.me, this.#repository).catch((error: unknown) => {
        log.error({ id: message, err: sentence(error) }, 'a message that was decrypted cannot be read');
        return null;
      });
      if (raw) found.push(raw);
      else this.published(message);
    }
    return found;
  }

  async #set(keys: Keys, values: Readonly<Record<string, unknown>>): Promise<void> {
    await keys.set({ [journalType]: values } as Parameters<Keys['set']>[0]);
  }
}
