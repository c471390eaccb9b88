import { setMaxListeners } from 'node:events';
import type { proto, WAMessage as RawMessage } from '@whiskeysockets/baileys';
import type { Dispatcher } from 'undici';
import { type Files, fileError, type ReceivedFile, type WAMedia } from 'waha-runtime';
import { messageIdOf } from '../messages/ids.ts';
import { type MediaFile, mediaFileOf, mediaKeysOf } from '../messages/media-file.ts';
import { download, Expired, mediaUrl } from './media-download.ts';
import { checkedMedia, openedMedia } from './opened-media.ts';

export interface MediaInOptions {
  /** Where files are kept; undefined without a plugin for it. */
  readonly files: Files | undefined;
  readonly session: string;
  /** Our own id, `<phone>@c.us`. */
  me(): string | undefined;
  /** The session's way to WhatsApp's media servers. */
  readonly dispatcher: Dispatcher | undefined;
  /** The one media server of an endpoint that is not WhatsApp itself, else null. */
  host(): Promise<string | null>;
  /** Asks our own phone to upload the file of a message again: its new path, or null. */
  reupload(raw: RawMessage, mediaKey: Uint8Array, signal: AbortSignal): Promise<string | null>;
}

/** The files of one session's messages, as long as its connection lives. */
export class MediaIn {
  readonly #options: MediaInOptions;
  readonly #end = new AbortController();

  constructor(options: MediaInOptions) {
    this.#options = options;
    // Every fetch listens to it.
    setMaxListeners(0, this.#end.signal);
  }

  /** What is known of a message's file without fetching it; null when the message has none. */
  describe(raw: RawMessage): WAMedia | null {
    const file = mediaFileOf(raw);
    return file && { url: null, mimetype: file.mimetype, filename: file.filename };
  }

  /**
   * Fetches the file of a message, stored or just received, unless it is there already; null when the message has none.
   * Never rejects: `error` says what went wrong. Without the files plugin, and for files that are not wanted, `url` is null.
   */
  async fetch(raw: RawMessage): Promise<WAMedia | null> {
    const { files } = this.#options;
    const file = mediaFileOf(raw);
    if (!file || !files) return this.describe(raw);
    return files.receive(this.#received(raw, file), this.#end.signal);
  }

  /** A part of the history that our phone has uploaded, still compressed. Throws where it is damaged, or gone. */
  history({ directPath, mediaKey, ...file }: proto.Message.IHistorySyncNotification): AsyncIterable<Uint8Array> {
    if (!mediaKey) throw fileError('incomplete', 'the notification does not say how to decrypt the history');
    const expected = {
      size: null,
      sha256: file.fileSha256 ?? null,
      sealedSha256: file.fileEncSha256 ?? null,
    };
    return openedMedia(this.#sealedHistory(directPath ?? null), mediaKeysOf('History', mediaKey), expected);
  }

  /** Ends every fetch, and those to come, with the error `closed`. */
  close(): void {
    this.#end.abort();
  }

  #received(raw: RawMessage, file: MediaFile): ReceivedFile {
    const { session, me } = this.#options;
    return {
      session,
      messageId: messageIdOf(raw.key, me()),
      mimetype: file.mimetype,
      filename: file.filename,
      size: file.size,
      sha256: file.sha256 && Buffer.from(file.sha256).toString('hex'),
      fetch: (signal) => this.#content(raw, file, signal),
    };
  }

  #content(raw: RawMessage, file: MediaFile, signal: AbortSignal): AsyncIterable<Uint8Array> {
    const { mediaKey } = file;
    const sealed = this.#sealed(raw, file, signal);
    if (mediaKey) return openedMedia(sealed, mediaKeysOf(file.kind, mediaKey), file);
    if (!file.sha256) throw fileError('incomplete', 'the message does not say how to decrypt its file');
    return checkedMedia(sealed, { ...file, sealedSha256: null });
  }

  async *#sealedHistory(directPath: string | null): AsyncGenerator<Uint8Array> {
    const { dispatcher, host } = this.#options;
    const url = mediaUrl({ directPath, url: null }, await host());
    yield* download(url, { dispatcher, signal: this.#end.signal });
  }

  async *#sealed(raw: RawMessage, file: MediaFile, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const { dispatcher, host, reupload } = this.#options;
    const server = await host().catch((error) => {
      throw fileError('network', 'WhatsApp did not name its media server', error);
    });
    const read = (where: Pick<MediaFile, 'directPath' | 'url'>) =>
      download(mediaUrl(where, server), { dispatcher, signal });
    try {
      return yield* read(file);
    } catch (error) {
      if (!(error instanceof Expired)) throw error;
    }
    const directPath = file.mediaKey && (await reupload(raw, file.mediaKey, signal).catch(() => null));
    if (!directPath) throw gone();
    try {
      yield* read({ directPath, url: null });
    } catch (error) {
      throw error instanceof Expired ? gone() : error;
    }
  }
}

const gone = () => fileError('gone', 'WhatsApp no longer has the file, and the phone did not upload it again');
