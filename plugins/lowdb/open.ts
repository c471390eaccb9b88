import { access, constants, mkdir } from 'node:fs/promises';
import { type Log, sentence } from 'waha-runtime';
import { storageFailed, TableDatabase } from 'waha-runtime/storage';
import { FileKeeper } from './file-keeper.ts';
import { lockFolder } from './folder-lock.ts';

export interface LowdbOptions {
  /** The name in error messages: the plugin's. */
  readonly driver: string;
  /** Absolute; created, for the owner only, when it is not there. */
  readonly folder: string;
  readonly lock: boolean;
  readonly log: Log;
  /** How long to wait for another process that has the folder open, for one that is about to end. */
  readonly lockWaitMs?: number;
}

/** Opens the folder for this process alone, and finishes what a crash interrupted. */
export const openLowdb = async (options: LowdbOptions): Promise<TableDatabase> => {
  const { driver, folder, lock, log, lockWaitMs = 3_000 } = options;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw storageFailed(driver, `the folder ${folder} cannot be written to: ${sentence(cause)}`, cause);
  }
  const unlock = lock ? lockFolder(driver, folder, lockWaitMs) : () => undefined;
  try {
    const keeper = await FileKeeper.open({ driver, folder, log, unlock });
    return new TableDatabase(driver, keeper);
  } catch (error) {
    unlock();
    throw error;
  }
};
