import { generateMessageIDV2, generateWAMessage, type WAMessage as RawMessage } from '@whiskeysockets/baileys';
import {
  badRequest,
  type Log,
  type MeInfo,
  type Messages,
  type SendSeen,
  type SendText,
  type SessionHistory,
  sentence,
  type WAMessage,
} from 'waha-runtime';
import { jidOf, readMessageId } from './ids.ts';
import { messagePayload } from './message-payload.ts';
import type { Outgoing } from './outgoing.ts';
import { recall, remember } from './remembered.ts';
import { Seen } from './seen.ts';
import type { SentMessages } from './sent-messages.ts';

const SERVER_ACK = 2;

export interface MessagesParts {
  readonly outgoing: Outgoing;
  readonly sent: SentMessages;
  readonly history: SessionHistory;
  readonly log: Log;
  readonly timeoutMs: number;
  me(): MeInfo | null;
}

/** Sending and marking. */
export class BaileysMessages implements Messages {
  readonly #parts: MessagesParts;
  readonly #seen: Seen;

  constructor(parts: MessagesParts) {
    this.#parts = parts;
    this.#seen = new Seen(parts);
  }

  async sendText({ chatId, text, replyTo, mentions = [] }: SendText): Promise<WAMessage> {
    if (text === '') throw badRequest('text must not be empty');
    const jid = jidOf(chatId);
    const mentioned = mentions.map((mention, index) => jidOf(mention, `mentions[${index}]`));
    const quoted = replyTo ? await this.#quoted(replyTo) : undefined;
    const me = this.#parts.me();
    const userJid = me?.jid ?? '';
    // A link preview would have to fetch the page, around the session's proxy.
    const content = { text, linkPreview: null, ...(mentioned.length > 0 ? { mentions: mentioned } : {}) };
    const messageId = generateMessageIDV2(userJid);
    const raw = await generateWAMessage(jid, content, {
      userJid,
      messageId,
      ...(quoted ? { quoted } : {}),
      upload: () => Promise.reject(new Error('a text has no media')),
    });
    return this.#send(jid, raw, me);
  }

  sendSeen(seen: SendSeen): Promise<void> {
    return this.#seen.send(seen);
  }

  async #send(jid: string, raw: RawMessage, me: MeInfo | null): Promise<WAMessage> {
    const { outgoing, sent, history, log, timeoutMs } = this.#parts;
    const { id } = raw.key;
    if (!id || !raw.message) throw badRequest('the message is empty');
    const { message } = raw;
    // Remembered first: whoever cannot decrypt it asks for it again by its id.
    await remember(history, raw).catch((error) =>
      log.warn({ id, err: sentence(error) }, 'a message was not remembered'),
    );
    await outgoing.call('the message', async (sock) => {
      const taken = sent.expect(raw, timeoutMs);
      try {
        await sock.relayMessage(jid, message, { messageId: id });
      } catch (error) {
        sent.forget(id);
        throw error;
      }
      await taken;
    });
    raw.status = SERVER_ACK;
    return messagePayload(raw, { me: me?.id, source: 'api' });
  }

  async #quoted(replyTo: string): Promise<RawMessage | undefined> {
    const { id } = readMessageId(replyTo, 'reply_to');
    const stored = await this.#parts.history.find(id);
    if (!stored) {
      this.#parts.log.warn({ id }, 'the message to quote is not known; it is sent without the quote');
      return undefined;
    }
    return recall(stored);
  }
}
