import type { WAMedia } from './message.ts';

/** Names a file: `session` is a session's name, `name` has no folder in it (`isFileName`). */
export interface FileKey {
  readonly session: string;
  readonly name: string;
}

/** What a storage may note beside the bytes, as an object store does. */
export interface FileLabels {
  readonly mimetype: string;
  /** As its sender called it. */
  readonly filename: string | null;
}

/** A file as its storage has it. */
export interface FileEntry extends FileKey {
  /** Bytes. */
  readonly size: number;
}

/** Bytes `start` to `end`, both included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Where files are kept: a folder, an object store. Plugins contribute storages to `Points.FileStorage`; a storage passes
 * `describeFileStorage` of `waha-runtime/testing/conformance`. Promises reject when the medium fails.
 */
export interface FileStorage {
  /** Names it in logs and errors. */
  readonly name: string;
  /**
   * Takes the file at the pace at which it can be written, and replaces one of that name. All or nothing: when `content`
   * throws or `signal` fires, nothing is there afterwards but what was there before. Durable when it resolves.
   */
  put(key: FileKey, content: AsyncIterable<Uint8Array>, labels: FileLabels, signal: AbortSignal): Promise<FileEntry>;
  /** Null when there is none. */
  stat(key: FileKey): Promise<FileEntry | null>;
  /** The bytes, or some of them; null when there is no such file. The range lies within the file. */
  read(key: FileKey, range?: ByteRange): Promise<AsyncIterable<Uint8Array> | null>;
  /** Resolves for a file that is not there, too. */
  remove(key: FileKey): Promise<void>;
  /** Everything that is kept, in any order. */
  list(): AsyncIterable<FileEntry>;
  /** Where the file lies in an object store, for `media.s3`. */
  s3?(key: FileKey): { readonly Bucket: string; readonly Key: string };
}

/** True for a name that is safe as a file's name and as a part of a URL. */
export const isFileName = (name: string): boolean => /^[\w@-][\w@.-]{0,239}$/.test(name) && !name.includes('..');

/** Why a file is not there, as `media.error.code` says it. */
export const fileFaults = [
  /** It did not come in time. */
  'timeout',
  /** WhatsApp no longer has it. */
  'gone',
  /** Its length, its hash or its authentication code is not what the message says. */
  'damaged',
  'too_large',
  /** The storage is full. */
  'storage_full',
  /** The storage failed. */
  'storage',
  /** Its server could not be reached, or answered something else. */
  'network',
  /** The connection to WhatsApp ended. */
  'closed',
  /** The message does not say how to get it. */
  'incomplete',
] as const;

/** The kind of a file error; `fileFaults` lists them all. */
export type FileFault = (typeof fileFaults)[number];

/** The mark on every file error, the same in two installed copies of the runtime. */
const fileBrand: unique symbol = Symbol.for('waha:file-error') as never;

/** Why a file could not be had. The message is for people and names no address. */
export interface FileError extends Error {
  readonly fault: FileFault;
}

/** Makes the error that `ReceivedFile.fetch` throws. */
export const fileError = (fault: FileFault, message: string, cause?: unknown): FileError =>
  Object.assign(new Error(message, cause === undefined ? undefined : { cause }), { fault, [fileBrand]: true });

/** True for what `fileError` made, by whichever installed copy of the runtime; with `fault`, for this kind only. */
export const isFileError = (error: unknown, fault?: FileFault): error is FileError =>
  error instanceof Error && fileBrand in error && (fault === undefined || ('fault' in error && error.fault === fault));

/** A file that a message says is there to be fetched. */
export interface ReceivedFile {
  readonly session: string;
  /** WAHA's full id of the message: the file's name is made of it. */
  readonly messageId: string;
  readonly mimetype: string | null;
  readonly filename: string | null;
  /** Bytes, as the message says. */
  readonly size: number | null;
  /** Of the content, in hex: a file of this name and hash is not fetched again. */
  readonly sha256: string | null;
  /** Gets it. Throws a `fileError` when it cannot be had, or at the end when it is not what the message says. */
  fetch(signal: AbortSignal): AsyncIterable<Uint8Array>;
}

/** Keeps files of messages and says where they can be had. Provided by the files plugin. */
export interface Files {
  /**
   * Fetches the file, unless it is there already or the config does not want it, and says where it is. Never rejects:
   * what went wrong is `media.error`, at the latest after the configured time. A file that is not wanted has no URL and
   * no error. When `signal` fires it ends at once with the error `closed`.
   */
  receive(file: ReceivedFile, signal?: AbortSignal): Promise<WAMedia>;
  /** The bytes of a session's file that has this URL; null when there is none any more, or when it has more than `maxBytes`. */
  read(session: string, url: string, maxBytes: number): Promise<Uint8Array | null>;
}

/** What became of an event on its way to the consumers of a sink. */
export interface EventDeliveryStatus {
  /** Some consumer still has to get it. */
  readonly pending: boolean;
  /** When the last one got it, or was given up (ms); null when that is not known. */
  readonly settledAt: number | null;
}
