import { parentPort, workerData } from 'node:worker_threads';
import type { Stored } from 'waha-runtime/storage';
import { type Beginning, type Call, type Failure, OPENED, type Reply } from './calls.ts';
import type { SqliteConnection } from './connection.ts';
import { openFile } from './open-file.ts';

// The thread that has the connection: what SQLite waits for, and what it computes, keeps nobody else waiting. Nothing of the
// runtime is imported here, so that the thread starts at once and stays small.

const port = parentPort;
if (port === null) throw new Error('this file is the start of a thread');

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

const perform = async (connection: SqliteConnection, call: Call): Promise<number[] | Stored[][] | undefined> => {
  if (call.ask === 'write') return connection.write(call.tables, call.statements);
  if (call.ask === 'read') return connection.read(call.table, call.question);
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
  port.on('message', (calls: readonly Call[]) => {
    for (const call of calls) {
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
