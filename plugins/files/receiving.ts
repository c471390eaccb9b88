import {
  type Clock,
  type FileError,
  type Files,
  fileError,
  isFileError,
  type Log,
  type ReceivedFile,
  sentence,
  type WAMedia,
} from 'waha-runtime';
import type { FileKey, FileStorage } from 'waha-runtime/storage';
import { type FilesConfig, isWanted } from './config.ts';
import { DownloadSlots } from './download-slots.ts';
import type { FileCache } from './file-cache.ts';
import type { Counters } from './metrics.ts';
import { isOurName, keyOf } from './names.ts';
import { Quota } from './quota.ts';

export interface ReceivingOptions {
  readonly config: FilesConfig;
  readonly clock: Clock;
  readonly log: Log;
  readonly counters: Counters;
  cache(): FileCache;
  storage(): FileStorage;
  /** Where links to this server begin; null when it has none. */
  baseUrl(): string | null;
}

/** The pause before a download that broke off begins anew (ms). */
const PAUSE_MS = 500;
const TRIES = 2;

/** Fetches files into the storage, a few at a time, none for longer than the config says. */
export class Receiving implements Files {
  readonly slots: DownloadSlots;
  readonly #options: ReceivingOptions;
  readonly #quota: Quota;

  constructor(options: ReceivingOptions) {
    const { config, cache } = options;
    this.#options = options;
    this.slots = new DownloadSlots(config.parallel);
    this.#quota = new Quota({
      limit: config.maxTotalBytes,
      used: () => cache().index.bytes,
      free: config.overflow === 'remove-oldest' ? (bytes) => cache().free(bytes) : undefined,
    });
  }

  async receive(file: ReceivedFile, signal?: AbortSignal): Promise<WAMedia> {
    const { config, counters, log } = this.#options;
    const media = { url: null, mimetype: file.mimetype, filename: file.filename };
    if (!isWanted(config, file.mimetype)) {
      counters.count('unwanted');
      return media;
    }
    const key = keyOf(file);
    try {
      await this.#bring(file, key, signal);
      const s3 = this.#options.storage().s3?.(key);
      return { ...media, url: this.#urlOf(key), ...(s3 ? { s3 } : {}), error: null };
    } catch (error) {
      const { fault, message } = faultOf(error);
      counters.count(fault);
      log.warn({ session: file.session, id: file.messageId, fault, err: message }, 'a file could not be fetched');
      return { ...media, error: { code: fault, message } };
    }
  }

  async read(session: string, url: string, maxBytes: number): Promise<Uint8Array | null> {
    const key = { session, name: nameIn(url) };
    const storage = this.#options.storage();
    const entry = isOurName(key.name) ? await storage.stat(key) : null;
    const content = entry && entry.size <= maxBytes ? await storage.read(key) : null;
    if (content === null) return null;
    const chunks: Uint8Array[] = [];
    for await (const chunk of content) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  async #bring(file: ReceivedFile, key: FileKey, signal: AbortSignal | undefined): Promise<void> {
    const { config, counters } = this.#options;
    const cache = this.#options.cache();
    if (await cache.claim(key, file.sha256)) {
      counters.count('known');
      return;
    }
    if ((file.size ?? 0) > config.maxFileBytes) throw tooLarge(config);
    await this.#limited(config.waitSeconds, signal, 'was not fetched', (whole) =>
      this.slots.run(file.session, whole, () =>
        this.#limited(config.downloadSeconds, whole, 'did not arrive', (one) => this.#download(file, key, one)),
      ),
    );
    counters.count('fetched');
  }

  /** Ends the work when its time is up, or `outer` fires, even if it does not listen. */
  async #limited(
    seconds: number,
    outer: AbortSignal | undefined,
    what: string,
    work: (signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const { clock } = this.#options;
    const ending = new AbortController();
    const late = fileError('timeout', `the file ${what} within ${seconds} s`);
    const timer = clock.setTimeout(() => ending.abort(late), seconds * 1000);
    const leave = () => ending.abort(isFileError(outer?.reason) ? outer.reason : closed());
    outer?.addEventListener('abort', leave);
    if (outer?.aborted) leave();
    const ended = new Promise<never>((_, reject) => {
      const stop = () => reject(ending.signal.reason);
      ending.signal.addEventListener('abort', stop);
      if (ending.signal.aborted) stop();
    });
    try {
      await Promise.race([ending.signal.aborted ? ended : work(ending.signal), ended]);
    } finally {
      ended.catch(() => undefined);
      clock.clearTimeout(timer);
      outer?.removeEventListener('abort', leave);
    }
  }

  #download(file: ReceivedFile, key: FileKey, signal: AbortSignal): Promise<void> {
    const room = file.size ?? this.#options.config.maxFileBytes;
    return this.#quota.with(room, async () => {
      for (let tries = 1; ; tries++) {
        try {
          await this.#options.cache().put(key, file, this.#counted(file, signal), signal);
          return;
        } catch (error) {
          if (tries === TRIES || signal.aborted || !isFileError(error, 'network')) throw error;
        }
        await this.#pause(signal);
      }
    });
  }

  async *#counted(file: ReceivedFile, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const { config, counters } = this.#options;
    let size = 0;
    try {
      for await (const chunk of file.fetch(signal)) {
        size += chunk.length;
        counters.bytes += chunk.length;
        if (size > config.maxFileBytes) throw tooLarge(config);
        yield chunk;
      }
    } catch (error) {
      throw isFileError(error) ? error : fileError('network', `the file could not be read: ${sentence(error)}`, error);
    }
  }

  #pause(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    return new Promise((resolve) => {
      const go = () => {
        clock.clearTimeout(timer);
        signal.removeEventListener('abort', go);
        resolve();
      };
      const timer = clock.setTimeout(go, PAUSE_MS);
      signal.addEventListener('abort', go);
    });
  }

  #urlOf({ session, name }: FileKey): string {
    return `${this.#options.baseUrl() ?? ''}/api/files/${session}/${name}`;
  }
}

const closed = () => fileError('closed', 'the connection ended before the file was there');

const tooLarge = ({ maxFileBytes }: FilesConfig) =>
  fileError('too_large', `the file is larger than ${Math.floor(maxFileBytes / 1024 / 1024)} MB`);

const faultOf = (error: unknown): Pick<FileError, 'fault' | 'message'> =>
  isFileError(error) ? error : { fault: 'storage', message: `the file could not be stored: ${sentence(error)}` };

/** The last part of a link that `#urlOf` made. */
const nameIn = (url: string): string => {
  const last = url.split('?', 1)[0]?.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(last);
  } catch {
    return '';
  }
};
