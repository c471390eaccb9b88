import { chmodSync, statSync } from 'node:fs';
import Libsql from 'libsql';
import { releaseLock, SqliteConnection } from './connection.ts';
import { RedoLog, secureFile } from './redo-log.ts';
import { textOf } from './stored-text.ts';

/** Pages that are kept in memory, once they were needed (KiB). */
const cacheKiB = 32 * 1024;
/** Up to this size (bytes) every page is looked at before the first use: a tenth of a second. */
const checkedBytes = 64 * 1024 * 1024;

export interface SqliteFile {
  /** Absolute; its folder is there. */
  readonly path: string;
  readonly synchronous: 'full' | 'normal';
  /** How long to wait for another process that has the file open, for one that is about to end. */
  readonly busyTimeoutMs: number;
  /** How long the redo log gets before SQLite takes over what is in it; 16 MiB when absent. */
  readonly logBytes?: number;
}

/** Who opens the file. */
export interface Claim {
  /** A number of its own, which is written into the file. */
  readonly mark: number;
  /** It had the file before, and remembers what was in it. */
  readonly again: boolean;
}

/**
 * Opens the file for this process alone. The lock is the kernel's, taken by SQLite: a second runtime on the same folder
 * is refused, and after a `kill -9` nothing is left behind that would be in the way. Throws what libsql throws.
 */
export const openFile = (
  { path, synchronous, busyTimeoutMs, logBytes }: SqliteFile,
  claim: Claim,
): SqliteConnection => {
  const log = new RedoLog(path, synchronous === 'full', logBytes);
  let connection: Libsql.Database | undefined;
  try {
    connection = new Libsql(path);
    chmodSync(path, 0o600); // the files that SQLite puts beside it get the same mode
    connection.pragma(`busy_timeout = ${busyTimeoutMs}`);
    connection.pragma('locking_mode = EXCLUSIVE');
    // Taken here, and kept.
    connection.exec('BEGIN EXCLUSIVE; COMMIT');
    leaveWriteAheadLog(connection, path);
    // SQLite commits once for thousands of groups that are in the redo log, which begins anew then: that commit must last.
    connection.pragma('synchronous = FULL');
    // With SQLite's own 2 MB a hundred sessions taking turns read and move the same pages all the time.
    connection.pragma(`cache_size = -${cacheKiB}`);
    // What a group changed is kept aside until it is logged: in memory, not in a file of its own.
    connection.pragma('temp_store = MEMORY');
    checkNames(connection);
    if (!claim.again && statSync(path).size <= checkedBytes) checkPages(connection);
    // Every commit waits for the disk several times: what a start writes is one.
    connection.exec('BEGIN IMMEDIATE');
    stake(connection, claim);
    return new SqliteConnection(connection, log);
  } catch (error) {
    log.close(false);
    if (connection) releaseLock(connection);
    connection?.close();
    throw error;
  }
};

/**
 * Earlier versions had SQLite's write-ahead log: pages, where the redo log has rows. What is left of it is written again and
 * synced before SQLite moves it into the database: see `RedoLog.prepare`.
 */
const leaveWriteAheadLog = (connection: Libsql.Database, path: string): void => {
  secureFile(`${path}-wal`);
  const [[mode] = []] = connection.prepare('PRAGMA journal_mode = TRUNCATE').raw().all() as string[][];
  if (mode !== 'truncate') throw new Error(`its journal stays in mode '${mode}'`);
};

/** Finds damage in the names of tables and columns, as bytes: see `textOf`. */
const checkNames = (connection: Libsql.Database): void => {
  const text = 'SELECT CAST(name AS BLOB), CAST(tbl_name AS BLOB), CAST(sql AS BLOB) FROM sqlite_schema';
  for (const row of connection.prepare(text).raw().all() as Uint8Array[][]) row.forEach(textOf);
};

/** Finds pages that do not fit together before anybody reads half of the data and takes it for all. */
const checkPages = (connection: Libsql.Database): void => {
  const [[found] = []] = connection.prepare('PRAGMA quick_check(1)').raw().all() as string[][];
  if (found !== 'ok') throw Object.assign(new Error(`damaged: ${found}`), { code: 'SQLITE_CORRUPT' });
};

/**
 * Between two connections of one process the lock was free. Credentials, cursors and much else are in memory by then, as
 * they were in the file: when somebody else had it, or another file is in its place, nobody may go on with them.
 */
const stake = (connection: Libsql.Database, { mark, again }: Claim): void => {
  if (!again) {
    connection.pragma(`user_version = ${mark}`);
    return;
  }
  const [[found] = []] = connection.prepare('PRAGMA user_version').raw().all() as number[][];
  if (found !== mark) throw new Error('somebody else has had the file in the meantime; restart the process');
};
