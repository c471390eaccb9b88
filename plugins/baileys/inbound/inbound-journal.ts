import type {
  BinaryNode,
  WAMessage as RawMessage,
  SignalDataSet,
  SignalKeyStoreWithTransaction,
  UserFacingSocketConfig,
} from '@whiskeysockets/baileys';
import { type Log, sentence } from 'waha-runtime';
import type { SessionAuth } from 'waha-runtime/engine';
import type { AuthState } from '../credentials/auth-state.ts';
import type { BaileysSocket } from '../socket/socket.ts';
import { isOwnTalk, type JournalEntry, readEntry, rebuild } from './journal-entry.ts';
import { JournalSlots } from './journal-slots.ts';

type MakeRepository = NonNullable<UserFacingSocketConfig['makeSignalRepository']>;
type SignalRepository = ReturnType<MakeRepository>;
type Keys = Pick<SignalKeyStoreWithTransaction, 'set'>;
type Decrypt = () => Promise<Uint8Array>;

/** A key type of our own, beside those of Signal. */
const journalType = 'waha-inbound';

/** How long what is published waits to be written over, or for a transaction that removes it along the way (ms). */
const LAZY_MS = 1000;

export interface JournalOptions {
  readonly state: AuthState;
  readonly store: SessionAuth;
  readonly log: Log;
  readonly now: () => number;
}

interface OpenEntry extends JournalEntry {
  /** It was handed to the store under a key of this connection: what comes there later is written later. */
  isOurs?: boolean;
}

interface Open {
  readonly entries: OpenEntry[];
  /** Baileys has handed the message out. */
  handedOut: boolean;
}

/**
 * Decrypting a message uses its key up: when it comes again it cannot be decrypted again, and a crash between that step
 * and the publishing would lose it. So its plaintext is stored in the transaction that stores the step. Once the message is
 * published the next one's is written over it; when none comes it is removed. What a former connection left is published
 * when the next one opens; that the same fact always has the same id makes repeats harmless.
 */
export class InboundJournal {
  readonly #options: JournalOptions;
  /** Which stanza a ciphertext that is being handled belongs to. */
  readonly #stanzas = new WeakMap<Uint8Array, BinaryNode>();
  /** What is stored and not published, by message id. */
  readonly #open = new Map<string, Open>();
  readonly #slots = new JournalSlots();
  /** Entries to remove with the next transaction: nothing is written over them. */
  readonly #through = new Set<string>();
  #repository: SignalRepository | undefined;
  #timer: NodeJS.Timeout | undefined;
  #count = 0;
  #looking = false;
  #look: () => void = () => undefined;

  constructor(options: JournalOptions) {
    this.#options = options;
  }

  /** A repository that stores what it decrypts. */
  wrap(make: MakeRepository): MakeRepository {
    return (state, logger, findLids) => {
      const inner = make(state, logger, findLids);
      const keys = state.keys as SignalKeyStoreWithTransaction;
      this.#repository = {
        ...inner,
        decryptMessage: (options) =>
          this.#decrypt(keys, options.ciphertext, options.jid, () => inner.decryptMessage(options)),
        decryptGroupMessage: (options) =>
          this.#decrypt(keys, options.msg, options.group, () => inner.decryptGroupMessage(options)),
      };
      return this.#repository;
    };
  }

  /** The stanza that a ciphertext belongs to. */
  stanzaOf(ciphertext: Uint8Array): BinaryNode | undefined {
    return this.#stanzas.get(ciphertext);
  }

  /** Stores at once the plaintext of a message and what decrypting it changed, outside of every transaction. */
  store(ciphertext: Uint8Array, plaintext: Uint8Array, changes: SignalDataSet): Promise<void> {
    const entry = this.#entryOf(ciphertext, plaintext);
    const stored = this.#options.state.keys.set({ ...changes, ...(entry ? this.#storing(entry) : {}) });
    if (!entry) return Promise.resolve(stored);
    entry.isOurs = true;
    this.#opened(entry);
    return Promise.resolve(stored);
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
    for (const entry of open.entries) {
      if (entry.isOurs) this.#slots.free(entry.id);
      else this.#through.add(entry.id);
    }
    this.#tidyLater();
  }

  /** What former connections decrypted and did not publish, in its order. */
  async left(): Promise<RawMessage[]> {
    const stored = await this.#options.store.list(journalType);
    if (stored.size === 0) return [];
    this.#options.log.info({ messages: stored.size }, 'messages that were decrypted before are published now');
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
    await this.#remove(this.#slots.all());
  }

  #tidyLater(): void {
    this.#timer ??= setTimeout(() => void this.#tidy(), LAZY_MS).unref();
  }

  async #tidy(): Promise<void> {
    this.#timer = undefined;
    const idle = this.#slots.idle();
    if (this.#slots.anyFree) this.#tidyLater();
    await this.#remove(idle);
  }

  async #remove(slots: readonly string[]): Promise<void> {
    const removals = { ...removed(slots), ...this.#removals() };
    if (Object.keys(removals).length === 0) return;
    await Promise.resolve(this.#options.state.keys.set(ofJournal(removals))).catch(() => undefined);
  }

  #removals(): Record<string, null> {
    const through = removed([...this.#through]);
    this.#through.clear();
    return through;
  }

  async #decrypt(
    keys: SignalKeyStoreWithTransaction,
    ciphertext: Uint8Array,
    lock: string,
    decrypt: Decrypt,
  ): Promise<Uint8Array> {
    // Within another transaction it is handed to the store when that ends, and nobody tells us.
    const isOutermost = !keys.isInTransaction();
    let entry: OpenEntry | undefined;
    const plaintext = await keys.transaction(async () => {
      const decrypted = await decrypt();
      entry = await this.#write(keys, ciphertext, decrypted);
      return decrypted;
    }, lock);
    if (entry) entry.isOurs = isOutermost;
    return plaintext;
  }

  async #write(keys: Keys, ciphertext: Uint8Array, plaintext: Uint8Array): Promise<OpenEntry | undefined> {
    const entry = this.#entryOf(ciphertext, plaintext);
    if (!entry) return undefined;
    await keys.set(this.#storing(entry));
    this.#opened(entry);
    return entry;
  }

  /** Undefined for what is not published. */
  #entryOf(ciphertext: Uint8Array, plaintext: Uint8Array): OpenEntry | undefined {
    const stanza = this.#stanzas.get(ciphertext);
    if (!stanza) return undefined;
    const number = ++this.#count;
    const at = this.#options.now();
    const value = { attrs: stanza.attrs, plaintext: Buffer.from(plaintext), at, number };
    if (isOwnTalk(value, this.#options.state.creds.me)) return undefined;
    return { ...value, id: this.#slots.take() };
  }

  #storing({ id, attrs, plaintext, at, number }: OpenEntry): SignalDataSet {
    return ofJournal({ [id]: { attrs, plaintext, at, number }, ...this.#removals() });
  }

  #opened(entry: OpenEntry): void {
    this.#openOf(entry);
    if (this.#looking) return;
    this.#looking = true;
    this.#look();
  }

  #openOf(entry: OpenEntry): Open {
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
    const { state, log } = this.#options;
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
}

const ofJournal = (values: Readonly<Record<string, unknown>>): SignalDataSet =>
  ({ [journalType]: values }) as SignalDataSet;

const removed = (ids: readonly string[]): Record<string, null> => Object.fromEntries(ids.map((id) => [id, null]));
