import { join } from 'node:path';
import Libsql from 'libsql';
import { sentence } from 'waha-runtime';
import { storageFailed } from 'waha-runtime/storage';

/** Something else was written into the lock's file. */
const isForeign = (cause: unknown): boolean => (cause as { code?: string }).code === 'SQLITE_NOTADB';

/**
 * Takes the folder for this process. Node has no file locks, SQLite has: an empty database with an open transaction.
 * The kernel holds it, so it also works between containers that share a volume, and a `kill -9` leaves nothing behind;
 * a file with a process id in it would do neither, every container's first process has the same one.
 */
export const lockFolder = (driver: string, folder: string, waitMs: number): (() => void) => {
  const path = join(folder, '.lowdb.lock');
  let connection: Libsql.Database | undefined;
  try {
    connection = new Libsql(path);
    connection.pragma(`busy_timeout = ${waitMs}`);
    connection.pragma('journal_mode = MEMORY'); // no second file
    connection.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    connection?.close();
    if ((cause as { code?: string }).code === 'SQLITE_BUSY') {
      throw storageFailed(driver, `the folder ${folder} is in use by another process; two runtimes cannot share it`);
    }
    const advice = isForeign(cause) ? `; ${path} holds nothing of ours: remove it` : '';
    throw storageFailed(driver, `the folder ${folder} cannot be locked: ${sentence(cause)}${advice}`, cause);
  }
  const held = connection;
  return () => {
    if (!held.open) return;
    held.exec('ROLLBACK');
    held.close();
  };
};
