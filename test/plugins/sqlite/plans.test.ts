import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Libsql from 'libsql';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { MessageQuery } from '../../../core/contracts/library.ts';
import type { Query } from '../../../core/contracts/storage.ts';
import { systemClock } from '../../../core/deadline.ts';
import type { Database } from '../../../core/index.ts';
import { CollectionFormat, selectionOf } from '../../../core/storage.ts';
import { type MessageRow, messagesSchema } from '../../../core/stores/message-rows.ts';
import { CollectionMessageStore } from '../../../core/stores/message-store.ts';
import { timeLimit } from '../../../core/stores/time-limit.ts';
import { openSqlite } from '../../../plugins/sqlite/open.ts';
import { select } from '../../../plugins/sqlite/sql.ts';
import { SimulatedClock } from '../../support/clock.ts';
import { recordingLog } from '../../support/log.ts';

let folder = '';
let database: Database;
const open = () => openSqlite({ driver: 'sqlite', folder, file: 'waha.db', synchronous: 'full', clock: systemClock });
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'waha-plans-'));
  database = await open();
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The store, and what it asks the collection of messages. */
const openStore = async (asked: Query<MessageRow>[] = []) => {
  const rows = await database.open(messagesSchema);
  const find = rows.find.bind(rows);
  rows.find = (query = {}) => {
    asked.push(query);
    return find(query);
  };
  const other = database.open.bind(database);
  database.open = (async (schema: { readonly name: string }) =>
    schema.name === messagesSchema.name ? rows : other(schema as never)) as typeof database.open;
  return CollectionMessageStore.open(database, {
    within: timeLimit('test', new SimulatedClock(), 10_000),
    retention: { perSession: 10, perLibrary: 10 },
    log: recordingLog(),
  });
};

/** How SQLite goes about a question, a line for each step. */
const planOf = (connection: InstanceType<typeof Libsql>, query: Query<MessageRow>): string[] => {
  const format = new CollectionFormat('sqlite', messagesSchema);
  const { text, values } = select(format, selectionOf(format, query));
  const steps = connection.prepare(`EXPLAIN QUERY PLAN ${text}`).all(...values) as { readonly detail: string }[];
  return steps.map(({ detail }) => detail);
};

const plansOf = (asked: readonly Query<MessageRow>[]): string[][] => {
  const connection = new Libsql(join(folder, 'waha.db'));
  try {
    return asked.map((query) => planOf(connection, query));
  } finally {
    connection.close();
  }
};

const message = (id: string, timestamp: number) => ({
  ...{ chatId: 'ann@c.us', id, fromMe: false, participant: null, timestamp, data: new Uint8Array([1]) },
  ...{ ack: 0, listed: true, viaApi: false },
});
const byTime = 'SEARCH messages USING INDEX messages__session__timestamp__place';
const byChat = 'SEARCH messages USING INDEX messages__session__chatId__listed__timestamp__place';

it('messages are read and pruned in the order of an index: no scan, and nothing is sorted', async () => {
  const asked: Query<MessageRow>[] = [];
  const store = await openStore(asked);
  const library = store.library('main');
  const queries: MessageQuery[] = [
    {},
    { limit: 10, offset: 20 },
    { limit: 10, descending: false },
    { limit: 10, from: 1_000, to: 2_000 },
    { limit: 10, fromMe: true, ack: 3 },
    { limit: 10, chatIds: ['ann@c.us'] },
    { limit: 10, chatIds: ['ann@c.us'], from: 1_000, descending: false },
  ];
  for (const query of queries) await library.messages(query);
  await library.add({ messages: Array.from({ length: 20 }, (_, at) => message(`${at}`, at)) });
  await store.close();
  const pruning = asked.filter(({ offset, orderBy }) => offset === 9 && orderBy?.length === 2);
  await database.close();
  const reading = plansOf(asked.slice(0, queries.length));
  expect(reading).toEqual([
    [`${byTime} (session=?)`],
    [`${byTime} (session=?)`],
    [`${byTime} (session=?)`],
    [`${byTime} (session=? AND timestamp>? AND timestamp<?)`],
    [`${byTime} (session=?)`],
    [`${byChat} (session=? AND chatId=? AND listed=?)`],
    [`${byChat} (session=? AND chatId=? AND listed=? AND timestamp>?)`],
  ]);
  expect(plansOf(pruning)).toEqual([[`${byTime} (session=?)`]]);
});

it('a folder of an earlier version gets the index, and shows its messages in order', async () => {
  const former = { ...messagesSchema, indexes: [['session', 'timestamp', 'id']] } as const;
  const rows = await database.open(former);
  const flags = { session: 'main', fromMe: 0, listed: 1, viaApi: 0 };
  await database.batch([1, 2, 3].map((place) => rows.putting({ ...message(`${9 - place}`, 1_000), ...flags, place })));
  await database.close();
  database = await open();
  const asked: Query<MessageRow>[] = [];
  const store = await openStore(asked);
  const found = await store.library('main').messages({ limit: 2 });
  expect(found.map(({ id }) => id)).toEqual(['6', '7']);
  await store.close();
  await database.close();
  expect(plansOf(asked)).toEqual([[`${byTime} (session=?)`]]);
});
