import type { Readable } from 'node:stream';

/** A file that belongs to what the databases hold, such as the key of what is encrypted in them. Plugins contribute it to `Points.BackupFile`. */
export interface BackupFile {
  /** Absolute. A restored one has its name in the data folder. */
  readonly path: string;
}

/** A copy of everything that a server keeps, files of messages aside. */
export interface Backup {
  /** When it began (ms since the epoch): nothing that was acknowledged before is missing. */
  readonly at: number;
  /** Of its files, together. */
  readonly bytes: number;
  /** A compressed tar. What it is read from goes when it ends, however it does. */
  readonly archive: Readable;
}

/** Makes backups of a running server: one file with everything that its databases keep. */
export interface Backups {
  /**
   * Copies while everything goes on. Rejects with `CONFLICT` while another one is made or read, and with `UNPROCESSABLE` where a
   * database's own tools do it.
   */
  make(): Promise<Backup>;
}
