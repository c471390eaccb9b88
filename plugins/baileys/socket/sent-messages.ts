import type { BinaryNode, WAMessage as RawMessage } from '@whiskeysockets/baileys';
import { conflict, type RuntimeError, unavailable } from 'waha-runtime';
import { currentTraceparent } from 'waha-runtime/engine';
import { type Deferred, deferred } from '../deferred.ts';
import { chatIdOf } from '../messages/ids.ts';
import { Recent } from '../recent.ts';
import type { BaileysSocket } from './socket.ts';

const KEPT = 2000;

interface Sent {
  readonly chatId: string;
  /** Until the server has taken it. */
  raw: RawMessage | undefined;
  /** The trace of the request that sent it. */
  readonly traceparent: string | undefined;
}

interface Waiter {
  readonly done: Deferred<void>;
  /** Set once the message was written. */
  timer?: NodeJS.Timeout;
}

export interface SentMessagesOptions {
  /** The server took a message of ours for the first time, however late. `timestamp` in ms. */
  accepted(raw: RawMessage, timestamp: number, traceparent: string | undefined): void;
  /** What a refusal of the server means; may ask WhatsApp for more. Never rejects. */
  refusal(code: string): Promise<RuntimeError>;
  /** Keeps everything from being written until this is done. */
  holdUntil(done: Promise<void>): void;
}

/**
 * What was sent through the API in this connection, and whether WhatsApp's server took it. Baileys' `sendMessage` resolves
 * when bytes are written; the server's word is the stanza `<ack class="message">`.
 */
export class SentMessages {
  readonly #options: SentMessagesOptions;
  readonly #sent = new Recent<Sent>(KEPT);
  readonly #waiters = new Map<string, Waiter>();

  constructor(sock: BaileysSocket, options: SentMessagesOptions) {
    this.#options = options;
    sock.ws.on('CB:ack,class:message', (stanza: BinaryNode) => this.#onAck(stanza));
  }

  /** The chat of a message that was sent here. */
  chatOf(id: string): string | undefined {
    return this.#sent.get(id)?.chatId;
  }

  has(id: string): boolean {
    return this.#sent.has(id);
  }

  /**
   * Call before the message is written. Resolves at the server's ack; rejects at its refusal, or when the time is up that
   * `written` begins. Throws `CONFLICT` while another message waits under the same id: an ack says no more than the id.
   */
  expect(raw: RawMessage, id = raw.key.id ?? ''): Promise<void> {
    if (this.#waiters.has(id)) throw conflict('another message is being sent under this id; make a new id for each');
    this.#sent.set(id, { chatId: chatIdOf(raw.key.remoteJid ?? ''), raw, traceparent: currentTraceparent() });
    const done = deferred();
    this.#waiters.set(id, { done });
    return done.promise;
  }

  /**
   * The message is on its way, and WhatsApp has `timeoutMs` to say that it has it. Not from the beginning: the first message to a
   * large group is encrypted for every member, which may take longer than that.
   */
  written(id: string, timeoutMs: number): void {
    const waiter = this.#waiters.get(id);
    if (!waiter) return;
    const late = () => unavailable(`WhatsApp did not confirm the message within ${timeoutMs} ms; it may still arrive`);
    waiter.timer = setTimeout(() => this.#settle(id, late()), timeoutMs);
  }

  /** Nothing is written until this is done; it never rejects. */
  holdUntil(done: Promise<void>): void {
    this.#options.holdUntil(done);
  }

  /** The message was never written. */
  forget(id: string): void {
    this.#sent.delete(id);
    this.#settle(id);
  }

  /** Drops everything that waits; the callers are told by whoever closes the connection. */
  close(): void {
    for (const id of [...this.#waiters.keys()]) this.#settle(id);
    this.#sent.clear();
  }

  #onAck({ attrs }: BinaryNode): void {
    const { id = '', error, t, server_id } = attrs;
    const sent = this.#sent.get(id);
    if (!sent) return;
    if (error) {
      void this.#options.refusal(error).then((refused) => this.#settle(id, refused));
      return;
    }
    if (sent.raw && server_id) noteServerId(sent.raw, server_id);
    if (sent.raw) this.#options.accepted(sent.raw, t ? Number(t) * 1000 : Date.now(), sent.traceparent);
    sent.raw = undefined;
    this.#settle(id);
  }

  #settle(id: string, error?: unknown): void {
    const waiter = this.#waiters.get(id);
    if (!waiter) return;
    this.#waiters.delete(id);
    clearTimeout(waiter.timer);
    if (error === undefined) waiter.done.resolve();
    else waiter.done.reject(error);
  }
}

/** Of a post in a channel: by this number it is reacted to. */
const noteServerId = (raw: RawMessage, serverId: string): void => {
  Object.assign(raw, { newsletterServerId: Number(serverId) });
};
