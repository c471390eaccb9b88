import { accessSync, constants, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, type Log, sentence } from 'waha-runtime';
import { storageFailed } from 'waha-runtime/storage';
import { SqliteDatabase } from './database.ts';
import { LastingThread } from './lasting-thread.ts';

export interface SqliteOptions {
  /** The name in error messages: the plugin's. */
  readonly driver: string;
  /** Absolute; created, for the owner only, when it is not there. */
  readonly folder: string;
  readonly file: string;
  readonly synchronous: 'full' | 'normal';
  /** How long to wait for another process that has the file open, for one that is about to end. */
  readonly busyTimeoutMs?: number;
  readonly clock: Clock;
  /** Where it says that its thread died, and that there is another one. */
  readonly log?: Pick<Log, 'warn' | 'error'>;
}

const silence = { warn: () => undefined, error: () => undefined };

/** Opens the file for this process alone, on a thread of its own. Rejects with `STORAGE_FAILED` that names the file and says why. */
export const openSqlite = async (options: SqliteOptions): Promise<SqliteDatabase> => {
  const { driver, folder, file, synchronous, busyTimeoutMs = 3_000, clock, log = silence } = options;
  makeFolder(driver, folder);
  const path = join(folder, file);
  try {
    const thread = await LastingThread.open({ path, synchronous, busyTimeoutMs }, { clock, log });
    return new SqliteDatabase(driver, thread);
  } catch (cause) {
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
