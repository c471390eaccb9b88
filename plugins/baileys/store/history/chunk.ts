import { pipeline } from 'node:stream/promises';
import { createInflate } from 'node:zlib';
import { proto } from '@whiskeysockets/baileys';
import type { LibraryMessage, LibraryNews, LidPair } from 'waha-runtime/engine';
import { numberOf } from '../../json-safe.ts';
import { chatIdOf } from '../../messages/ids.ts';
import { pairOf } from '../../messages/stored-message.ts';
import type { MessageStore } from '../message-store.ts';
import { aboutChat, historyMessage, readConversation } from './conversation.ts';
import { fieldsOf } from './fields.ts';
import { Pace } from './pace.ts';

/** Field numbers of `HistorySync`. */
const CONVERSATION = 2;
const PUSH_NAME = 7;
const LID_MAPPING = 15;

/** How many messages, names or pairs go to the store in one call: a few milliseconds. */
const AT_ONCE = 100;

export interface ChunkOptions {
  readonly messageStore: MessageStore;
  readonly signal: AbortSignal;
  /** How much is unread is said for today. */
  readonly isFirst: boolean;
  ignores(jid: string): boolean;
  /** Who is who, for sending. */
  onPairs(pairs: readonly LidPair[]): Promise<void>;
  /** A chat with a token by which its person lets us write. */
  onTokens(chat: proto.IConversation): Promise<void>;
  /** How long the messages of a chat live (seconds), and since when. */
  onTimer(chat: string, expiration: number, at: number): void;
}

/**
 * Reads one part of a history, compressed, into the store: as a stream and in small steps, so that neither its size nor its
 * number of messages is felt elsewhere in the process.
 */
export class Chunk {
  readonly #options: ChunkOptions;
  readonly #pace = new Pace();
  #pending = nothing();
  #size = 0;
  #count = 0;

  constructor(options: ChunkOptions) {
    this.#options = options;
  }

  /** Gives the number of messages. Rejects when it is damaged, or `signal` fires. */
  async read(compressed: AsyncIterable<Uint8Array>): Promise<number> {
    for await (const { number, content } of fieldsOf(inflated(compressed))) {
      this.#options.signal.throwIfAborted();
      if (content) await this.#take(number, content);
      await this.#pace.breathe();
    }
    await this.#flush();
    return this.#count;
  }

  async #take(number: number, content: Uint8Array): Promise<void> {
    if (number === CONVERSATION) await this.#conversation(content);
    if (number === PUSH_NAME) {
      const { id, pushname } = proto.Pushname.decode(content);
      const isPerson = id && pushname && /@(s\.whatsapp\.net|lid)$/.test(id);
      if (isPerson) await this.#add({ contacts: [{ id: chatIdOf(id), pushName: pushname }] });
    }
    if (number === LID_MAPPING) {
      const { lidJid, pnJid } = proto.PhoneNumberToLIDMapping.decode(content);
      await this.#add({ lids: pairOf(lidJid, pnJid) });
    }
  }

  async #conversation(bytes: Uint8Array): Promise<void> {
    const { messageStore, ignores, isFirst, onTokens, onTimer } = this.#options;
    const conversation = readConversation(bytes);
    if (!conversation || ignores(conversation.about.id)) return;
    const { about, messages } = conversation;
    if (about.tcToken?.length) await onTokens(about);
    const { ephemeralExpiration, ephemeralSettingTimestamp } = about;
    if (ephemeralExpiration) onTimer(about.id, ephemeralExpiration, numberOf(ephemeralSettingTimestamp));
    await this.#add(aboutChat(about, isFirst));
    if (!messageStore.library) return;
    // The newest one comes first.
    for (const [index, entry] of messages.entries()) {
      const message = historyMessage(entry, about.id, messages.length - index);
      if (message) await this.#add({ messages: [message] });
      await this.#pace.breathe();
    }
  }

  async #add(news: Partial<Pending>): Promise<void> {
    for (const name of lists) {
      const list: unknown[] = this.#pending[name];
      for (const one of news[name] ?? []) {
        list.push(one);
        this.#size += 1;
      }
    }
    if (this.#size >= AT_ONCE) await this.#flush();
  }

  async #flush(): Promise<void> {
    const news = this.#pending;
    [this.#pending, this.#size] = [nothing(), 0];
    this.#options.signal.throwIfAborted();
    this.#count += news.messages.length;
    await this.#options.messageStore.put(news);
    if (news.lids.length > 0) await this.#options.onPairs(news.lids);
  }
}

interface Pending {
  readonly lids: LidPair[];
  readonly contacts: NonNullable<LibraryNews['contacts']>[number][];
  readonly chats: NonNullable<LibraryNews['chats']>[number][];
  readonly messages: LibraryMessage[];
}

const nothing = (): Pending => ({ lids: [], contacts: [], chats: [], messages: [] });
const lists = ['lids', 'contacts', 'chats', 'messages'] as const;

async function* inflated(compressed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const inflate = createInflate();
  const done = pipeline(compressed, inflate);
  done.catch(() => undefined);
  // A failure of the source destroys the stream that is read here, and is thrown there.
  yield* inflate as AsyncIterable<Uint8Array>;
  await done;
}
