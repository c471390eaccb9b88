import type { LibraryMessage, StoredMessage } from '../contracts/library.ts';
import { type Collection, defineCollection, type RowOf } from '../contracts/storage.ts';

/**
 * `fromMe` is part of the key: nobody's message replaces one of ours by taking its id. The key begins with the id,
 * which `find` reads by. One index serves reading a chat in order, the other reading all chats in order, and pruning:
 * a third would cost every stored message another 50 bytes.
 */
export const messagesSchema = defineCollection({
  name: 'messages',
  columns: {
    session: { type: 'text' },
    chatId: { type: 'text' },
    id: { type: 'text' },
    fromMe: { type: 'integer' },
    participant: { type: 'text', nullable: true },
    timestamp: { type: 'integer' },
    data: { type: 'bytes' },
    /** 1: reading operations show it. */
    listed: { type: 'integer' },
    ack: { type: 'integer' },
    viaApi: { type: 'integer' },
    /** Orders what is of the same second: the sequence, by the name that databases have had since the first version. */
    place: { type: 'integer' },
  },
  key: ['session', 'id', 'chatId', 'fromMe'],
  indexes: [
    ['session', 'chatId', 'listed', 'timestamp', 'place'],
    ['session', 'timestamp', 'place'],
  ],
});
export type MessageRow = RowOf<typeof messagesSchema>;
export type MessageRows = Collection<MessageRow>;

export const byTime = (descending: boolean) =>
  [
    { column: 'timestamp', descending },
    { column: 'place', descending },
  ] as const;

/** Numbers in the order of arrival, over restarts, too; larger than those that a history has. */
export class Sequence {
  readonly #now: () => number;
  #last = 0;

  /** `now` in ms. */
  constructor(now: () => number) {
    this.#now = now;
  }

  next(): number {
    this.#last = Math.max(this.#last + 1, this.#now() * 1000);
    return this.#last;
  }
}

export const messageOf = ({ chatId, id, fromMe, participant, timestamp, data }: MessageRow): StoredMessage => ({
  chatId,
  id,
  fromMe: fromMe === 1,
  participant,
  timestamp,
  data,
});

export const libraryMessageOf = (row: MessageRow): LibraryMessage => ({
  ...messageOf(row),
  ack: row.ack,
  listed: row.listed === 1,
  viaApi: row.viaApi === 1,
});

export const rowOf = (
  session: string,
  message: StoredMessage & Partial<LibraryMessage>,
  sequence: Sequence,
): MessageRow => {
  const { chatId, id, fromMe, participant, timestamp, data, listed = true, ack = 0, viaApi = false } = message;
  const flags = { fromMe: Number(fromMe), listed: Number(listed), viaApi: Number(viaApi) };
  const place = message.sequence ?? sequence.next();
  return { session, chatId, id, participant, timestamp, data, ack, place, ...flags };
};
