import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, type Log, sentence } from 'waha-runtime';
import { storageFailed } from 'waha-runtime/storage';
import { damaged, isDamage } from './damage.ts';
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
  refuseOrphan(driver, path);
  try {
    const thread = await LastingThread.open({ path, synchronous, busyTimeoutMs }, { clock, log });
    return new SqliteDatabase(driver, thread, path);
  } catch (cause) {
    throw storageFailed(driver, isDamage(cause) ? damaged(path) : `${path} ${reason(cause)}`, cause);
  }
};

/** What was acknowledged last is in the log: it may be all there is of a database that is gone or empty. */
const refuseOrphan = (driver: string, path: string): void => {
  const sizeOf = (name: string): number => statSync(name, { throwIfNoEntry: false })?.size ?? 0;
  if (sizeOf(path) > 0) return;
  const log = [`${path}-redo`, `${path}-wal`].find((name) => sizeOf(name) > 0);
  if (log === undefined) return;
  const what = `${path} is gone, and its log ${log} is there`;
  throw storageFailed(driver, `${what}: put the file back, or take the log away, too, to begin without it`);
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
  return `cannot be opened: ${sentence(cause)}`;
};
