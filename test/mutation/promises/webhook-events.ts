import type { Mutation } from '../mutation.ts';

const page = 'webhooks.md';
const commitQueue = {
  file: 'core/events/commit-queue.ts',
  tests: ['core/events/commit-queue.test.ts', 'core/events/bus.test.ts'],
};
const eventLog = { file: 'core/events/event-log.ts', tests: ['core/events/event-log.test.ts'] };
const envelope = {
  file: 'core/events/envelope.ts',
  tests: ['core/events/envelope.test.ts', 'core/events/commit-queue.test.ts'],
};
const committed = [
  page,
  'An event and one delivery for each endpoint are committed in one transaction before the event counts as handled.',
] as const;
const once = [page, 'If WhatsApp delivers a message twice, there is one event'] as const;
const numbered = [page, '`seq` counts the events of a session, from 1, without gaps.'] as const;

/** From a fact to the committed event. */
export const eventMutations: readonly Mutation[] = [
  {
    ...commitQueue,
    text: 'return uncommitted.flatMap((item) => this.#options.rows(item, again));',
    replacement: 'return [];',
    promise: committed,
  },
  {
    ...commitQueue,
    text: 'const logged = await this.#persist(group);',
    replacement: 'for (const { resolve } of group) resolve();\n      const logged = await this.#persist(group);',
    promise: committed,
  },
  {
    ...commitQueue,
    text: 'const known = repeatable && (this.#recent.has(fact) || logged.has(fact));',
    replacement: 'const known = repeatable && this.#recent.has(fact);',
    promise: once,
  },
  {
    ...commitQueue,
    text: 'if (!known && !fresh.has(fact)) fresh.set(fact, event);',
    replacement: 'if (!known) fresh.set(`${fact} ${fresh.size}`, event);',
    promise: once,
  },
  {
    ...commitQueue,
    text: 'const maxWaiting = 10_000;',
    replacement: 'const maxWaiting = 10_000_000;',
    promise: [page, 'When 10,000 events wait in memory, publishing is refused.'],
  },
  {
    ...envelope,
    text: 'if (publication.identity === undefined) return',
    replacement: 'if (publication.identity !== null) return',
    promise: [page, 'It is the same at every attempt, after restarts and at replays.'],
  },
  {
    ...envelope,
    text: 'id.slice(-factLength);',
    replacement: 'id;',
    promise: [page, 'not by its timestamp, which may change when WhatsApp sends it again'],
  },
  {
    file: 'plugins/baileys/inbound/inbound.ts',
    text: 'key.id, oneNameOf(key.participant, key.participantAlt)]',
    replacement: 'key.id]',
    promise: [page, 'a message is identified by its chat, author and id'],
    tests: ['plugins/baileys/client/messages.test.ts'],
  },
  {
    file: 'plugins/baileys/inbound/inbound.ts',
    text: "id.endsWith('@c.us') && alt?.endsWith('@lid') ? chatIdOf(alt) : id;",
    replacement: 'alt === null ? chatIdOf(alt) : id;',
    promise: once,
    tests: ['e2e/twice-is-once.test.ts', 'plugins/baileys/client/messages.test.ts'],
  },
  {
    ...eventLog,
    text: 'const body = JSON.stringify(numbered);',
    replacement: 'const body = JSON.stringify(event);',
    promise: numbered,
  },
  {
    ...eventLog,
    text: '(this.#seqs.get(event.session) ?? 0) + 1',
    replacement: '(this.#seqs.get(event.session) ?? 1) + 1',
    promise: numbered,
  },
  {
    ...eventLog,
    text: 'return [...changes, ...[...seqs].map(',
    replacement: 'return [...changes, ...[...seqs].slice(1).map(',
    promise: numbered,
  },
  {
    file: 'core/events/bus.ts',
    text: "if (this.#commits.failure) return { status: 'down',",
    replacement: "if (this.#commits.failure) return { status: 'up',",
    promise: [page, 'While events cannot be stored (a full disk), `/health` answers 503'],
    tests: ['core/events/bus.test.ts'],
  },
  {
    file: 'plugins/baileys/repairs/early-receipts.ts',
    text: 'void published().then(',
    replacement: 'void Promise.resolve().then(',
    promise: [page, 'a receipt is sent only if the plaintext is already on disk'],
    tests: ['plugins/baileys/lifecycle.test.ts'],
  },
  {
    file: 'plugins/baileys/inbound/inbound-journal.ts',
    text: 'return ofJournal({ [id]: { attrs, plaintext, at, number }, ...this.#removals() });',
    replacement: 'return ofJournal(this.#removals());',
    promise: [
      page,
      'Its plaintext was stored in the transaction that used the key up, so it is published at the next start',
    ],
    tests: ['plugins/baileys/journal-crash.test.ts'],
  },
  {
    file: 'plugins/baileys/inbound/inbound-journal.ts',
    text: 'entries.sort((a, b) => a.at - b.at || a.number - b.number);',
    replacement: 'entries.sort((a, b) => b.at - a.at || b.number - a.number);',
    promise: [page, '`seq` is the order in which WhatsApp sent the messages.'],
    tests: ['plugins/baileys/inbound/inbound-journal.test.ts'],
  },
];
