import { setTimeout } from 'node:timers/promises';
import { proto, type WAMessage as RawMessage } from '@whiskeysockets/baileys';
import { isFileError, isRuntimeError, type Log, sentence } from 'waha-runtime';
import type { LidPair, PendingJob } from 'waha-runtime/engine';
import { within } from '../../deferred.ts';
import type { ChatTimers } from '../../identity/chat-timers.ts';
import type { MediaIn } from '../../media/media-in.ts';
import { contentOf } from '../../messages/content.ts';
import type { BaileysSocket } from '../../socket/socket.ts';
import type { MessageStore } from '../message-store.ts';
import { Chunk } from './chunk.ts';
import { keepTokens } from './trusted-contacts.ts';

export interface HistorySyncOptions {
  readonly sock: BaileysSocket;
  readonly messageStore: MessageStore;
  readonly media: MediaIn;
  readonly timers: Pick<ChatTimers, 'learn'>;
  readonly log: Log;
  now(): number;
  /** A year, instead of three months. */
  readonly fullSync: boolean;
  ignores(jid: string): boolean;
}

const { HistorySyncType } = proto.Message;
const TRIES = 3;
const BETWEEN_TRIES_MS = 5000;
const CLOSE_GRACE_MS = 2000;
/** How long WhatsApp has what a phone uploaded, about. */
const KEPT_MS = 14 * 24 * 60 * 60 * 1000;

/**
 * Takes the history that a phone hands over after linking. Baileys reads nothing of it unless it is told to, and then never learns
 * who is who; when it does, it decodes a part of megabytes in one go, and holds live messages back meanwhile. A part that was announced is noted in the store first, so
 * that a restart goes on where it was; nothing of it is published.
 */
export class HistorySync {
  readonly #options: HistorySyncOptions;
  readonly #end = new AbortController();
  #running: Promise<void>;

  constructor(options: HistorySyncOptions) {
    this.#options = options;
    this.#running = this.#takeUp();
    options.sock.ev.on('messages.upsert', ({ messages }) => {
      for (const raw of messages) this.#look(raw);
    });
  }

  /** Stops at the next step; what is not read yet is read by the next connection. */
  async close(): Promise<void> {
    this.#end.abort();
    await within(CLOSE_GRACE_MS, this.#running);
  }

  /** Only our own phone tells of a history. */
  #look(raw: RawMessage): void {
    const notification = contentOf(raw).protocolMessage?.historySyncNotification;
    if (!notification || !raw.key.fromMe || !raw.key.id || !this.#wants(notification)) return;
    const data = proto.Message.HistorySyncNotification.encode(notification).finish();
    const job = { id: `${String(this.#options.now()).padStart(15, '0')} ${raw.key.id}`, data };
    const { library } = this.#options.messageStore;
    const noted = library
      ?.putPendingJob(job)
      .catch((error) => this.#warn(error, 'the history may be lost at a restart'));
    this.#running = this.#running.then(() => noted).then(() => this.#work(job));
  }

  /**
   * A year when the session asks for it, else about three months. Without a store, too: who is who comes with all parts but the
   * names that people gave themselves, and is needed for sending.
   */
  #wants({ syncType }: proto.Message.IHistorySyncNotification): boolean {
    const { messageStore, fullSync } = this.#options;
    const wanted: unknown[] = [
      ...[HistorySyncType.INITIAL_BOOTSTRAP, HistorySyncType.NON_BLOCKING_DATA, HistorySyncType.RECENT],
      ...(messageStore.library ? [HistorySyncType.PUSH_NAME] : []),
      ...(fullSync ? [HistorySyncType.FULL] : []),
    ];
    return wanted.includes(syncType ?? HistorySyncType.INITIAL_BOOTSTRAP);
  }

  async #takeUp(): Promise<void> {
    const pendingJobs = await this.#options.messageStore.library?.pendingJobs().catch(() => []);
    for (const job of pendingJobs ?? []) await this.#work(job);
  }

  /** Never rejects. What fails for a reason that passes is left to the next connection, for as long as WhatsApp has it. */
  async #work(job: PendingJob): Promise<void> {
    const { signal } = this.#end;
    for (let tries = 1; ; tries++) {
      const failure = await this.#read(job).catch((error: unknown) => ({ error }));
      if (!failure) break;
      if (signal.aborted) return;
      this.#warn(failure.error, 'a part of the history could not be read');
      if (!isPassing(failure.error)) break;
      if (tries === TRIES && this.#options.now() - Number.parseInt(job.id, 10) < KEPT_MS) return;
      if (tries === TRIES) break;
      await setTimeout(BETWEEN_TRIES_MS, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
    }
    await this.#options.messageStore.library?.removePendingJob(job.id).catch(() => undefined);
  }

  async #read({ data }: PendingJob): Promise<void> {
    const { messageStore, media, ignores, log, sock, timers } = this.#options;
    const notification = proto.Message.HistorySyncNotification.decode(data);
    const { syncType, progress, chunkOrder, initialHistBootstrapInlinePayload: inline } = notification;
    const chunk = new Chunk({
      messageStore,
      ignores,
      signal: this.#end.signal,
      isFirst: (syncType ?? HistorySyncType.INITIAL_BOOTSTRAP) === HistorySyncType.INITIAL_BOOTSTRAP,
      onPairs: (pairs) => this.#remember(pairs),
      onTokens: (chat) => keepTokens([chat], sock.authState.keys),
      onTimer: (chat, expiration, at) => timers.learn(chat, expiration, at),
    });
    const messages = await chunk.read(inline?.length ? once(inline) : media.history(notification));
    log.info({ syncType, chunkOrder, progress, messages }, 'a part of the history is in the store');
  }

  /** Baileys keeps these for sending, under its own names. */
  async #remember(pairs: readonly LidPair[]): Promise<void> {
    const { lidMapping } = this.#options.sock.signalRepository;
    const named = pairs.map(({ lid, pn }) => ({ lid, pn: pn.replace('@c.us', '@s.whatsapp.net') }));
    await lidMapping.storeLIDPNMappings(named).catch((error) => this.#warn(error, 'hidden ids were not kept'));
  }

  #warn(error: unknown, message: string): void {
    this.#options.log.warn({ err: sentence(error) }, message);
  }
}

/** The network, or a store that fails; everything else would fail again. */
const isPassing = (error: unknown): boolean => isFileError(error, 'network') || isRuntimeError(error);

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
