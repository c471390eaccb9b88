import { chmodSync, statSync } from 'node:fs';
import Libsql from 'libsql';
import { SqliteConnection } from './connection.ts';
import { WriteAheadLog } from './write-ahead-log.ts';

/** Pages that are kept in memory, once they were needed (KiB). */
const cacheKiB = 32 * 1024;
/** How long the write-ahead log gets before its pages are moved into the database: 16 MiB. */
const checkpointPages = 4096;

/** Up to this size (bytes) every page is looked at before the first use: a tenth of a second. */
const checkedBytes = 64 * 1024 * 1024;

export interface SqliteFile {
  /** Absolute; its folder is there. */
  readonly path: string;
  readonly synchronous: 'full' | 'normal';
  /** How long to wait for another process that has the file open, for one that is about to end. */
  readonly busyTimeoutMs: number;
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
export const openFile = ({ path, synchronous, busyTimeoutMs }: SqliteFile, claim: Claim): SqliteConnection => {
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
    if (!claim.again && statSync(path).size <= checkedBytes) checkPages(connection);
    const log = synchronous === 'full' ? new WriteAheadLog(path) : null;
    log?.secure();
    stake(connection, claim);
    return new SqliteConnection(connection, log);
  } catch (error) {
    connection?.close();
    throw error;
  }
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
