import { setTimeout } from 'node:timers/promises';
import { proto, type WAMessage as RawMessage } from '@whiskeysockets/baileys';
import { isFileError, isRuntimeError, type Log, sentence } from 'waha-runtime';
import type { LidPair, PendingJob } from 'waha-runtime/engine';
import type { BaileysSocket } from '../../connection/socket-options.ts';
import { within } from '../../deferred.ts';
import type { MediaIn } from '../../inbound/media.ts';
import { contentOf } from '../../inbound/message-content.ts';
import type { Memory } from '../memory.ts';
import { Chunk } from './chunk.ts';
import { keepTokens } from './trusted-contacts.ts';

export interface HistorySyncParts {
  readonly sock: BaileysSocket;
  readonly memory: Memory;
  readonly media: MediaIn;
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
 * Takes the history that a phone hands over after linking. Baileys is told to leave it alone: it would decode a part of
 * megabytes in one go, and hold live messages back meanwhile. A part that was announced is noted in the store first, so
 * that a restart goes on where it was; nothing of it is published.
 */
export class HistorySync {
  readonly #parts: HistorySyncParts;
  readonly #end = new AbortController();
  #running: Promise<void>;

  constructor(parts: HistorySyncParts) {
    this.#parts = parts;
    this.#running = this.#takeUp();
    parts.sock.ev.on('messages.upsert', ({ messages }) => {
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
    const job = { id: `${String(this.#parts.now()).padStart(15, '0')} ${raw.key.id}`, data };
    const { library } = this.#parts.memory;
    const noted = library
      ?.putPendingJob(job)
      .catch((error) => this.#warn(error, 'the history may be lost at a restart'));
    this.#running = this.#running.then(() => noted).then(() => this.#work(job));
  }

  /** A year when the session asks for it, else about three months; without a store only who is who, for sending. */
  #wants({ syncType }: proto.Message.IHistorySyncNotification): boolean {
    const { memory, fullSync } = this.#parts;
    const small: unknown[] = [HistorySyncType.INITIAL_BOOTSTRAP, HistorySyncType.NON_BLOCKING_DATA];
    const large: unknown[] = [HistorySyncType.RECENT, HistorySyncType.PUSH_NAME];
    if (fullSync) large.push(HistorySyncType.FULL);
    const type = syncType ?? HistorySyncType.INITIAL_BOOTSTRAP;
    return small.includes(type) || (memory.library !== null && large.includes(type));
  }

  async #takeUp(): Promise<void> {
    const pendingJobs = await this.#parts.memory.library?.pendingJobs().catch(() => []);
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
      if (tries === TRIES && this.#parts.now() - Number.parseInt(job.id, 10) < KEPT_MS) return;
      if (tries === TRIES) break;
      await setTimeout(BETWEEN_TRIES_MS, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
    }
    await this.#parts.memory.library?.removePendingJob(job.id).catch(() => undefined);
  }

  async #read({ data }: PendingJob): Promise<void> {
    const { memory, media, ignores, log, sock } = this.#parts;
    const notification = proto.Message.HistorySyncNotification.decode(data);
    const { syncType, progress, chunkOrder, initialHistBootstrapInlinePayload: inline } = notification;
    const chunk = new Chunk({
      memory,
      ignores,
      signal: this.#end.signal,
      isFirst: (syncType ?? HistorySyncType.INITIAL_BOOTSTRAP) === HistorySyncType.INITIAL_BOOTSTRAP,
      onPairs: (pairs) => this.#remember(pairs),
      onTokens: (chat) => keepTokens([chat], sock.authState.keys),
    });
    const messages = await chunk.read(inline?.length ? once(inline) : media.history(notification));
    log.info({ syncType, chunkOrder, progress, messages }, 'a part of the history is in the store');
  }

  /** Baileys keeps these for sending, under its own names. */
  async #remember(pairs: readonly LidPair[]): Promise<void> {
    const { lidMapping } = this.#parts.sock.signalRepository;
    const named = pairs.map(({ lid, pn }) => ({ lid, pn: pn.replace('@c.us', '@s.whatsapp.net') }));
    await lidMapping.storeLIDPNMappings(named).catch((error) => this.#warn(error, 'hidden ids were not kept'));
  }

  #warn(error: unknown, message: string): void {
    this.#parts.log.warn({ err: sentence(error) }, message);
  }
}

/** The network, or a store that fails; everything else would fail again. */
const isPassing = (error: unknown): boolean => isFileError(error, 'network') || isRuntimeError(error);

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
