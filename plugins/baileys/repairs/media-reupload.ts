import {
  decryptMediaRetryData,
  encryptMediaRetryRequest,
  proto,
  type WAMessage as RawMessage,
} from '@whiskeysockets/baileys';
import type { BaileysSocket } from '../socket/socket.ts';

type Update = Parameters<Parameters<BaileysSocket['ev']['on']>[1]>[0];
interface MediaUpdate {
  readonly key: { readonly id?: string | null };
  readonly media?: { readonly ciphertext: Uint8Array; readonly iv: Uint8Array };
}

/**
 * Asks the account's own phone to upload a file again that WhatsApp has deleted. Baileys' `updateMediaMessage` does the
 * same and waits for ever when the phone is off.
 */
export class Reuploads {
  readonly #sock: BaileysSocket;
  readonly #waiting = new Map<string, Set<(update: MediaUpdate) => void>>();

  constructor(sock: BaileysSocket) {
    this.#sock = sock;
    sock.ev.on('messages.media-update', (updates: Update) => {
      for (const update of updates as unknown as readonly MediaUpdate[]) {
        for (const tell of this.#waiting.get(update.key.id ?? '') ?? []) tell(update);
      }
    });
  }

  /** The new path of the file; null when the phone does not have it, or does not answer before `signal` fires. */
  async request({ key }: RawMessage, mediaKey: Uint8Array, signal: AbortSignal): Promise<string | null> {
    const { id } = key;
    const me = this.#sock.authState.creds.me?.id;
    if (!id || !me || signal.aborted) return null;
    const answer = this.#answer(id, signal);
    await this.#sock.sendNode(encryptMediaRetryRequest(key, Buffer.from(mediaKey), me));
    return pathIn(await answer, mediaKey, id);
  }

  #answer(id: string, signal: AbortSignal): Promise<MediaUpdate | null> {
    return new Promise((resolve) => {
      const waiters = this.#waiting.get(id) ?? new Set();
      this.#waiting.set(id, waiters);
      const end = (update: MediaUpdate | null) => {
        waiters.delete(end);
        if (waiters.size === 0) this.#waiting.delete(id);
        signal.removeEventListener('abort', stop);
        resolve(update);
      };
      const stop = () => end(null);
      waiters.add(end);
      signal.addEventListener('abort', stop);
    });
  }
}

const pathIn = (update: MediaUpdate | null, mediaKey: Uint8Array, id: string): string | null => {
  if (!update?.media) return null;
  try {
    const { result, directPath } = decryptMediaRetryData(update.media, mediaKey, id);
    return result === proto.MediaRetryNotification.ResultType.SUCCESS ? directPath || null : null;
  } catch {
    return null;
  }
};
