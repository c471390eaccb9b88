import { accessSync, chmodSync, constants, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Libsql from 'libsql';
import { sentence, storageFailed } from 'waha-runtime';
import { SqliteDatabase } from './database.ts';
import { WriteAheadLog } from './write-ahead-log.ts';

/** Pages that are kept in memory, once they were needed (KiB). */
const cacheKiB = 32 * 1024;
/** How long the write-ahead log gets before its pages are moved into the database: 16 MiB. */
const checkpointPages = 4096;

export interface SqliteOptions {
  /** The name in error messages: the plugin's. */
  readonly driver: string;
  /** Absolute; created, for the owner only, when it is not there. */
  readonly folder: string;
  readonly file: string;
  readonly synchronous: 'full' | 'normal';
  /** How long to wait for another process that has the file open, for one that is about to end. */
  readonly busyTimeoutMs?: number;
}

/**
 * Opens the file for this process alone. The lock is the kernel's, taken by SQLite: a second runtime on the same folder
 * is refused, and after a `kill -9` nothing is left behind that would be in the way.
 */
export const openSqlite = (options: SqliteOptions): SqliteDatabase => {
  const { driver, folder, file, synchronous, busyTimeoutMs = 3_000 } = options;
  makeFolder(driver, folder);
  const path = join(folder, file);
  let connection: Libsql.Database | undefined;
  try {
    connection = new Libsql(path);
    chmodSync(path, 0o600); // the files that SQLite puts beside it get the same mode
    connection.pragma(`busy_timeout = ${busyTimeoutMs}`);
    connection.pragma('locking_mode = EXCLUSIVE');
    connection.pragma('journal_mode = WAL');
    // In both modes SQLite syncs the log before it moves pages into the database; `full` syncs it at commits, too: here.
    connection.pragma('synchronous = NORMAL');
    connection.pragma('journal_size_limit = 67108864');
    // With SQLite's own 2 MB and 1000 pages, a hundred sessions taking turns read and move the same pages all the time.
    connection.pragma(`cache_size = -${cacheKiB}`);
    connection.pragma(`wal_autocheckpoint = ${checkpointPages}`);
    // The exclusive lock is taken by the first write and then kept.
    connection.exec('BEGIN IMMEDIATE; COMMIT');
    return new SqliteDatabase(driver, connection, synchronous === 'full' ? new WriteAheadLog(path) : null);
  } catch (cause) {
    connection?.close();
    throw storageFailed(driver, `${path} ${reason(cause)}`, cause);
  }
};

const makeFolder = (driver: string, folder: string): void => {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw storageFailed(driver, `the folder ${folder} cannot be written to: ${sentence(cause)}`, cause);
  }
};

const reason = (cause: unknown): string => {
  const code = (cause as { code?: string }).code;
  if (code === 'SQLITE_BUSY') return 'is in use by another process; two runtimes cannot share a folder';
  if (code === 'SQLITE_NOTADB' || code === 'SQLITE_CORRUPT') return 'is damaged or no SQLite database';
  return `cannot be opened: ${sentence(cause)}`;
};
