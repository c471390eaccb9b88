import type { Mutation } from '../mutation.ts';

const page = 'reading.md';
const library = { tests: ['core/stores/library.test.ts'] };
const draft = { file: 'core/stores/library/draft.ts', ...library };
const chats = { file: 'core/stores/library/draft-chats.ts', ...library };
const reads = { file: 'core/stores/library/library.ts', ...library };
const messageStore = {
  file: 'plugins/baileys/store/message-store.ts',
  tests: ['plugins/baileys/store/message-store.test.ts'],
};
const filters = [
  page,
  'Messages filter by `filter.timestamp.gte|lte` (seconds, inclusive), `filter.fromMe`, `filter.ack`',
] as const;

/** What is kept of chats, messages and contacts, and how it is read. */
export const readingMutations: readonly Mutation[] = [
  {
    file: 'plugins/baileys/store/feed.ts',
    text: 'if (update.starred != null) void messageStore.starred(key, update.starred);',
    replacement: '',
    promise: [page, 'a star is in `_data.starred`'],
    tests: ['plugins/baileys/store/feed.test.ts'],
  },
  {
    ...draft,
    text: 'ack > row.ack ||',
    replacement: 'ack !== row.ack ||',
    promise: [page, 'as they came, with the newest ack'],
  },
  {
    ...draft,
    text: 'if (this.#messages.get({ session: this.#session, id, chatId, fromMe: Number(fromMe) })) return;',
    replacement: '',
    promise: [page, 'The same message never counts twice'],
  },
  {
    ...chats,
    text: '/@(c\\.us|lid|g\\.us)$/',
    replacement: '/@/',
    promise: [page, 'Statuses, broadcast lists and channels are no chats'],
  },
  {
    ...chats,
    text: 'live && !fromMe ? Math.max',
    replacement: '!fromMe ? Math.max',
    promise: [page, 'name, time of the newest message, unread, archived, pinned, muted'],
  },
  {
    ...messageStore,
    text: 'found.chatId === chatId && found.fromMe === fromMe',
    replacement: 'found.id === id',
    promise: [page, 'nobody changes or revokes what is in another chat than his own'],
  },
  {
    ...messageStore,
    text: 'listed: stored.listed && !ignores(chat)',
    replacement: 'listed: stored.listed',
    promise: [page, 'what is filtered is not stored, neither from the history nor live'],
  },
  {
    ...reads,
    text: '...(merge ? { hidden: 0 } : {}),',
    replacement: '',
    promise: [page, 'shows the two chats of one person, under the phone number and under the hidden id, as one'],
  },
  { ...reads, text: '{ lte: to }', replacement: '{ lt: to }', promise: filters },
  { ...reads, text: '...(ack === undefined ? {} : { ack }),', replacement: '', promise: filters },
  {
    ...reads,
    text: 'const where = { session: this.#session, id, chatId: { in: chatIds }, listed: 1 };',
    replacement: 'const where = { session: this.#session, id, chatId: { in: chatIds } };',
    promise: [page, 'a revoked or deleted message is gone: 404 by its id, and nothing of its content stays'],
  },
  {
    file: 'core/stores/message-rows.ts',
    text: "{ column: 'place', descending },",
    replacement: "{ column: 'place', descending: false },",
    promise: [page, 'those of one second in the order they came'],
    tests: ['core/stores/library.test.ts', 'core/stores/message-store.test.ts'],
  },
  {
    file: 'core/stores/message-pruning.ts',
    text: 'let excess = count - keep; excess > 0;',
    replacement: 'let excess = count - keep; excess > keep;',
    promise: [page, 'the oldest beyond that are removed in the background'],
    tests: ['core/stores/message-store.test.ts'],
  },
  {
    file: 'plugins/baileys/inbound/inbound.ts',
    text: 'prepared: isSeen ? lookedUp : Promise.all([prepared, lookedUp]),',
    replacement: 'prepared: lookedUp,',
    promise: [page, 'a message is stored before its event is published'],
    tests: ['plugins/baileys/lifecycle.test.ts'],
  },
  {
    file: 'plugins/baileys/client/reading/chat-reading.ts',
    text: 'Math.max(unread, 0) + twin.unread',
    replacement: 'unread',
    promise: [page, 'with the newest message of both and what is unread in both'],
    tests: ['e2e/reading.test.ts'],
  },
];
