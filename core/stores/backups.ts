import { copyFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import type { Backup, BackupFile, Backups } from '../contracts/backups.ts';
import type { Clock } from '../contracts/clock.ts';
import type { Log } from '../contracts/log.ts';
import type { AuthStore } from '../contracts/stores.ts';
import { conflict, sentence, unprocessable } from '../errors.ts';
import { temporaryFolder } from '../temporary-folders.ts';
import { version } from '../version.ts';
import type { NamedDatabase } from './store-marks.ts';

export interface BackupsOptions {
  readonly databases: () => readonly NamedDatabase[];
  readonly files: () => readonly BackupFile[];
  /** Which plugin's database has the sessions. */
  readonly last: string | undefined;
  readonly auth: AuthStore;
  readonly clock: Clock;
  readonly log: Pick<Log, 'warn'>;
  /** Removes the folder of copies; Node's `rm` when absent. */
  readonly remove?: (folder: string) => Promise<void>;
}

/** What an archive says of itself, in its first file. */
export interface Manifest {
  readonly format: 1;
  readonly version: string;
  readonly at: number;
  /** Their names and sizes in bytes. */
  readonly files: Readonly<Record<string, number>>;
}

/** No collection, and so no file of a database, has a name like that. */
export const manifestName = '.waha-backup.json';

/** Copies of all databases while they are used, one after the other, packed together. */
export class FolderBackups implements Backups {
  readonly #options: BackupsOptions;
  #isBusy = false;

  constructor(options: BackupsOptions) {
    this.#options = options;
  }

  async make(): Promise<Backup> {
    const foreign = this.#kept().find(({ value }) => !value.copyTo);
    if (foreign) {
      const how = 'is backed up by the database\'s own tools, such as pg_dump; see "Backup" in docs/operating.md';
      throw unprocessable(`what plugin '${foreign.plugin}' keeps ${how}`);
    }
    if (this.#isBusy) throw conflict('another backup is under way');
    this.#isBusy = true;
    const folder = await temporaryFolder('backup').catch((error) => {
      this.#isBusy = false;
      throw error;
    });
    let isOver = false;
    const end = async (): Promise<void> => {
      if (isOver) return;
      isOver = true;
      this.#isBusy = false;
      await this.#remove(folder);
    };
    try {
      const { at, bytes } = await this.#fill(folder);
      const archive = await packed(folder);
      // Whoever has read all of it may ask for the next one at once.
      for (const event of ['end', 'close']) archive.once(event, () => void end());
      return { at, bytes, archive };
    } catch (error) {
      await end();
      throw error;
    }
  }

  /** Never rejects: the backup itself is there, and whoever runs the server hears of copies that are left. */
  async #remove(folder: string): Promise<void> {
    const { log, remove = (path: string) => rm(path, { recursive: true, force: true }) } = this.#options;
    try {
      await remove(folder);
    } catch (error) {
      log.warn(
        `${folder} has a copy of everything that the server keeps, and could not be removed: ${sentence(error)}`,
      );
    }
  }

  /** Those that keep anything over a restart. */
  #kept(): NamedDatabase[] {
    return this.#options.databases().filter(({ value }) => value.location !== undefined);
  }

  /**
   * Each copy has what was acknowledged before it began. The sessions' own come last where they are in another database: of a
   * session that is made meanwhile there is then a record without an account, never an account that nobody knows of.
   */
  async #fill(folder: string): Promise<{ at: number; bytes: number }> {
    const { files, auth, clock, last } = this.#options;
    const isLast = ({ plugin }: NamedDatabase): number => Number(plugin === last);
    const inTurn = this.#kept().sort((a, b) => isLast(a) - isLast(b));
    const at = clock.now();
    await auth.whileCopied(at, async () => {
      for (const { value } of inTurn) await value.copyTo?.(folder);
    });
    for (const { path } of files()) await copyFile(path, join(folder, basename(path)));
    const sizes: Record<string, number> = {};
    for (const name of await readdir(folder)) sizes[name] = (await stat(join(folder, name))).size;
    const manifest: Manifest = { format: 1, version, at, files: sizes };
    await writeFile(join(folder, manifestName), JSON.stringify(manifest), { mode: 0o600 });
    return { at, bytes: Object.values(sizes).reduce((sum, size) => sum + size, 0) };
  }
}

const packed = async (folder: string): Promise<Readable> => {
  const { create } = await import('tar');
  const others = (await readdir(folder)).filter((name) => name !== manifestName);
  const pack = create({ gzip: { level: 6 }, cwd: folder, portable: true }, [manifestName, ...others]);
  return Readable.from(pack, { objectMode: false });
};
