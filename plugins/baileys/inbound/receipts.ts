import type { MessageUserReceiptUpdate, WAMessageUpdate } from '@whiskeysockets/baileys';
import type { Ack } from 'waha-runtime/engine';
import type { LidMappings } from '../identity/lid-mappings.ts';
import { numberOf } from '../json-safe.ts';
import { chatIdOf } from '../messages/ids.ts';
import { ackOf, ackPayload } from '../messages/payload.ts';
import { Recent } from '../recent.ts';
import type { SentMessages } from '../socket/sent-messages.ts';
import type { MessageStore } from '../store/message-store.ts';
import type { Fact } from './event-queue.ts';
import type { Publisher } from './publisher.ts';

const KEPT = 5000;

export interface ReceiptsOptions {
  readonly publisher: Publisher;
  readonly messageStore: MessageStore;
  readonly sent: SentMessages;
  readonly names: LidMappings;
}

interface Step {
  readonly id: string;
  readonly remoteJid: string;
  readonly participant: string | null;
  readonly ack: Ack;
  /** ms; 0 when not known. */
  readonly timestamp: number;
}

/**
 * How far our own messages have come: taken by the server, delivered, read, played. Each step is published once, and none
 * that lies behind one already published.
 */
export class Receipts {
  readonly #options: ReceiptsOptions;
  readonly #reached = new Recent<Ack>(KEPT);

  constructor(options: ReceiptsOptions) {
    this.#options = options;
  }

  /** The server took a message that was sent through the API. */
  accepted(id: string, timestamp: number): Fact {
    return this.#fact({ id, remoteJid: this.#options.sent.chatOf(id) ?? '', participant: null, ack: 1, timestamp });
  }

  /** `messages.update`: a chat with one person, and refusals. */
  updated({ key, update }: WAMessageUpdate): Fact | null {
    if (!key.fromMe || !key.id || !key.remoteJid || update.status == null) return null;
    const timestamp = numberOf(update.messageTimestamp) * 1000;
    const step = { id: key.id, remoteJid: key.remoteJid, participant: null, timestamp };
    return this.#fact({ ...step, ack: ackOf(update.status) });
  }

  /** Each member of a group for itself. */
  member({ key, receipt }: MessageUserReceiptUpdate): Fact | null {
    if (!key.fromMe || !key.id || !key.remoteJid) return null;
    const participant = receipt.userJid ? chatIdOf(receipt.userJid) : null;
    const { playedTimestamp, readTimestamp, receiptTimestamp } = receipt;
    const ack = playedTimestamp ? 4 : readTimestamp ? 3 : 2;
    const timestamp = numberOf(playedTimestamp ?? readTimestamp ?? receiptTimestamp) * 1000;
    return this.#fact({ id: key.id, remoteJid: key.remoteJid, participant, ack, timestamp });
  }

  /** A receipt comes from whichever name the peer uses; the message has the id under which it was sent. */
  #fact(step: Step): Fact {
    const { sent, messageStore, names } = this.#options;
    let chatId = sent.chatOf(step.id);
    let alt: string | undefined;
    const look = async (): Promise<void> => {
      chatId ??= (await messageStore.find(step.id).catch(() => null))?.chatId;
      alt = await names.of(step.participant ?? chatId ?? step.remoteJid);
    };
    return {
      prepared: look(),
      chat: () => chatId ?? chatIdOf(step.remoteJid),
      publish: () => this.#publish(step, chatId ?? chatIdOf(step.remoteJid), alt && chatIdOf(alt)),
    };
  }

  async #publish({ id, participant, ack, timestamp }: Step, chatId: string, alt?: string): Promise<void> {
    const place = `${id}:${participant ?? ''}`;
    const reached = this.#reached.get(place);
    if (reached !== undefined && (ack === reached || (ack < reached && ack !== -1))) return;
    this.#reached.set(place, ack);
    const { publisher, messageStore } = this.#options;
    const stored = messageStore.acked(id, ack);
    const payload = ackPayload({ id, chatId, participant, alt, ack, me: publisher.me?.id });
    const name = participant === null ? 'message.ack' : 'message.ack.group';
    await publisher.publish(name, payload, {
      identity: `${payload.from}:${id}:${participant ?? ''}:${ack}`,
      ...(timestamp > 0 ? { timestamp } : {}),
    });
    await stored;
  }
}
