import { parentPort, workerData } from 'node:worker_threads';
import type { Stored } from 'waha-runtime/storage';
import { type Beginning, type Call, type Calls, type Failure, OPENED, type Part, type Reply } from './calls.ts';
import type { SqliteConnection } from './connection.ts';
import { openFile } from './open-file.ts';
import { ReceivedTexts } from './sent-texts.ts';

// The thread that has the connection: what SQLite waits for, and what it computes, keeps nobody else waiting. Nothing of the
// runtime is imported here, so that the thread starts at once and stays small.

const port = parentPort;
if (port === null) throw new Error('this file is the start of a thread');

/** Rows of one message. */
const partLength = 250;
/** Rows that are still to be asked for, by the call that they answer. */
const rests = new Map<number, Stored[][]>();

const texts = new ReceivedTexts();

let replies: Reply[] = [];

/** What a commit answers leaves in one message. */
const reply = (one: Reply): void => {
  if (replies.push(one) > 1) return;
  queueMicrotask(() => {
    port.postMessage(replies);
    replies = [];
  });
};

const failureOf = (error: unknown, unsynced: boolean): Failure => {
  const { message, code, place } = error as { message?: unknown; code?: unknown; place?: unknown };
  const known = { message: String(message ?? error), code: typeof code === 'string' ? code : undefined, unsynced };
  return typeof place === 'number' ? { ...known, place } : known;
};

/** The first of the rows; the others are kept. */
const partOf = (id: number, rows: Stored[][]): Part => {
  if (rows.length <= partLength) {
    rests.delete(id);
    return { rows, isMore: false };
  }
  const first = rows.splice(0, partLength);
  rests.set(id, rows);
  return { rows: first, isMore: true };
};

const perform = async (connection: SqliteConnection, call: Call): Promise<number[] | Part | undefined> => {
  if (call.ask === 'write') {
    const statements = call.statements.map((statement) => texts.statement(statement));
    return connection.write(call.tables, statements);
  }
  if (call.ask === 'read') return partOf(call.id, await connection.read(call.table, texts.question(call.question)));
  if (call.ask === 'rest') return partOf(call.of, rests.get(call.of) ?? []);
  if (call.ask === 'copy') {
    await connection.copy(call.target);
    return undefined;
  }
  await connection.close();
  // The thread ends when nothing can come any more; the reply is on its way by then.
  setImmediate(() => port.close());
  return undefined;
};

try {
  const { file, claim } = workerData as Beginning;
  const connection = openFile(file, claim);
  port.on('message', (sent: Calls) => {
    texts.add(sent.texts);
    for (const call of sent.calls) {
      perform(connection, call).then(
        (value) => reply({ id: call.id, value }),
        (error: unknown) => reply({ id: call.id, failure: failureOf(error, connection.unsynced) }),
      );
    }
  });
  reply({ id: OPENED, value: undefined });
} catch (error) {
  reply({ id: OPENED, failure: failureOf(error, false) });
}
