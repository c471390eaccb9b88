import {
  closeSync,
  constants,
  existsSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { DiskSync } from './disk-sync.ts';
import type { Statement } from './executor.ts';
import { type LogRecord, laterRecord, RecordDecoder, RecordEncoder, recordAt } from './redo-format.ts';

/** From this length on SQLite takes over what is in the log, and the log begins anew. */
const usualBytes = 16 * 1024 * 1024;
/** A file that has grown beyond this is cut when it begins anew: a large group made it so. */
const keptBytes = 4 * usualBytes;
const chunkBytes = 1024 * 1024;

const magic = 'waha redo 1\n';
/** The first line, the id of the database, and the size that the file has from its beginning on: a shorter one was cut. */
const titleBytes = magic.length + 16 + 16;
const titleOf = (id: string, bytes: number): string => `${magic}${id}${String(bytes).padStart(15)}\n`;

/** What is read of a log that somebody left. */
export interface LoggedGroup {
  readonly number: number;
  readonly statements: readonly Statement[];
}

/**
 * The log of what was acknowledged and is not in the database file yet: SQLite writes whole pages, some twenty of them for
 * one message, where this takes its few rows. Groups of statements are appended, and run again, in their order, when the
 * process ends before SQLite has committed them. Each has a number, one more than that of the group before; the database has
 * the number of the last one that it contains. So the file is written over from its beginning each time that SQLite has
 * taken over, and what is left of former groups is known by its number.
 */
export class RedoLog {
  readonly path: string;
  readonly #syncs: boolean;
  readonly #encoder = new RecordEncoder();
  readonly #disk = new DiskSync();
  #descriptor = -1;
  #end = titleBytes;
  #number = 0;
  /** The last one that is known to be on disk. */
  #synced = 0;

  readonly #fullBytes: number;

  /**
   * `database`: its path. Without `syncs` what was appended outlives the process, but not a power cut. `fullBytes`: from this
   * length on SQLite should take over.
   */
  constructor(database: string, syncs: boolean, fullBytes = usualBytes) {
    this.path = `${database}-redo`;
    this.#syncs = syncs;
    this.#fullBytes = fullBytes;
  }

  /** The number of the last group. */
  get number(): number {
    return this.#number;
  }

  /** Whether SQLite should take over. */
  get isFull(): boolean {
    return this.#end >= this.#fullBytes;
  }

  /** What is in its place: `lost` when the file has no more than this word. */
  get state(): 'missing' | 'started' | 'lost' | 'torn' {
    if (!existsSync(this.path)) return 'missing';
    if (statSync(this.path).size >= titleBytes) return 'started';
    return readFileSync(this.path, 'latin1').trim() === 'lost' ? 'lost' : 'torn';
  }

  /**
   * The groups that a former process left behind the one of this number. Throws when the file is no log of the database with this
   * id, or when what lies between is missing. A group at the end that is torn was never acknowledged.
   */
  *left(id: string, applied: number): Generator<LoggedGroup> {
    const log = readFileSync(this.path);
    this.#checkTitle(log, id);
    const decoder = new RecordDecoder();
    let last = applied;
    for (const { number, content } of records(log)) {
      const statements = decoder.decode(content);
      if (number <= applied) continue;
      if (number !== last + 1) throw new Error(`${this.path} does not go on where the database ends`);
      last = number;
      yield { number, statements };
    }
  }

  /**
   * Makes the file, unless it is started, or brings what a former process left there to the disk, before the first read: it may never have been
   * synced, or in vain. The kernel reports a failed sync once, forgets that those pages are not on disk, and answers the next
   * one with success. So they are written again, as they are, before they are synced.
   */
  prepare(id: string, applied: number): void {
    const isNew = this.state !== 'started';
    this.#descriptor = openSync(this.path, constants.O_RDWR | constants.O_CREAT, 0o600);
    if (isNew) {
      ftruncateSync(this.#descriptor);
      ftruncateSync(this.#descriptor, this.#fullBytes);
      writeSync(this.#descriptor, titleOf(id, this.#fullBytes), 0);
    } else {
      const log = readFileSync(this.path);
      this.#checkTitle(log, id);
      writeAll(this.#descriptor, log.subarray(0, this.#endOf(log, applied)), 0);
    }
    fsyncSync(this.#descriptor);
    if (isNew) syncFolder(dirname(this.path));
  }

  /** The database contains everything up to the group of this number: the next one is written over what is there. */
  restart(number = this.#number): void {
    this.#number = number;
    this.#synced = number;
    this.#end = titleBytes;
    this.#encoder.forget();
    if (fstatSync(this.#descriptor).size > keptBytes) ftruncateSync(this.#descriptor, keptBytes);
  }

  /** Appends a group, all or nothing. Throws when it cannot be written. */
  append(statements: readonly Statement[]): void {
    const { known } = this.#encoder;
    try {
      const record = this.#encoder.encode(this.#number + 1, this.#synced, statements);
      writeAll(this.#descriptor, record, this.#end);
      this.#end += record.length;
      this.#number += 1;
    } catch (error) {
      this.#encoder.forget(known);
      throw error;
    }
  }

  /** Resolves when everything appended before is on disk. */
  async sync(): Promise<void> {
    if (!this.#syncs) return;
    const upTo = this.#number;
    await this.#disk.sync(this.#descriptor);
    this.#synced = Math.max(this.#synced, upTo);
  }

  /** `done`: the database contains everything. */
  close(done: boolean): void {
    if (this.#descriptor < 0) return;
    closeSync(this.#descriptor);
    this.#descriptor = -1;
    if (done) rmSync(this.path, { force: true });
  }

  #checkTitle(log: Buffer, id: string): void {
    const title = log.toString('latin1', 0, titleBytes);
    const bytes = Number(title.slice(-16));
    if (!title.startsWith(magic) || !(log.length >= bytes)) throw this.#damaged();
    if (title !== titleOf(id, bytes)) throw new Error(`${this.path} belongs to another database`);
  }

  /** Where its records end. Throws when one is not whole, of which somebody was told that it is on disk. */
  #endOf(log: Buffer, applied: number): number {
    let end = titleBytes;
    let known = applied;
    for (const { number, length } of records(log)) {
      end += length;
      known = Math.max(known, number);
    }
    const later = laterRecord(log, end, known);
    if (later !== null && later.synced > known) throw this.#damaged();
    return end;
  }

  #damaged(): Error {
    return new Error(`its log ${this.path} is damaged: put it back from a backup, together with the database`);
  }
}

/** The records as far as they are whole. */
function* records(log: Buffer): Generator<LogRecord> {
  let at = titleBytes;
  let last: number | undefined;
  for (let record = recordAt(log, at); record !== null; record = recordAt(log, at)) {
    // What follows is of a former round.
    if (last !== undefined && record.number !== last + 1) return;
    yield record;
    last = record.number;
    at += record.length;
  }
}

const writeAll = (descriptor: number, bytes: Buffer, place: number): void => {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(descriptor, bytes, done, bytes.length - done, place + done);
  }
};

/** Writes a file that a former process left again as it is, and brings it to the disk. See `RedoLog.prepare`. */
export const secureFile = (path: string): void => {
  if (!existsSync(path)) return;
  const descriptor = openSync(path, 'r+');
  try {
    const chunk = Buffer.alloc(chunkBytes);
    for (let at = 0; ; ) {
      const read = readSync(descriptor, chunk, 0, chunkBytes, at);
      if (read === 0) break;
      writeAll(descriptor, chunk.subarray(0, read), at);
      at += read;
    }
    fdatasyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
};

const syncFolder = (folder: string): void => {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
};
