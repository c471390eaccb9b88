import {
  type AnyMessageContent,
  type BinaryNode,
  generateMessageIDV2,
  generateWAMessage,
  generateWAMessageFromContent,
  jidNormalizedUser,
  type proto,
  type WAMessage as RawMessage,
} from '@whiskeysockets/baileys';
import { badRequest, type Log, type MeInfo, type WAMessage } from 'waha-runtime';
import { notOnWhatsApp } from 'waha-runtime/engine';
import { chatIdOf, jidOf, readMessageId } from '../messages/ids.ts';
import { messagePayload } from '../messages/payload.ts';
import { recall } from '../messages/stored-message.ts';
import { Recent } from '../recent.ts';
import type { Requests } from '../socket/requests.ts';
import type { SentMessages } from '../socket/sent-messages.ts';
import type { BaileysSocket } from '../socket/socket.ts';
import type { MessageStore } from '../store/message-store.ts';
import type { LinkPreviews } from './link-preview.ts';

const SERVER_ACK = 2;
const UPLOAD_TIMEOUT_MS = 120_000;
const REACHED = 2000;

/** What everything that sends shares. */
export interface SenderOptions {
  readonly requests: Requests;
  readonly sent: SentMessages;
  readonly messageStore: MessageStore;
  readonly log: Log;
  readonly timeoutMs: number;
  /** Absent where pages must not be fetched: behind a session's proxy, they would give our own address away. */
  readonly previews?: LinkPreviews | undefined;
  me(): MeInfo | null;
}

/** A message on its way. */
export interface OutgoingMessage {
  /** Where to, checked already. */
  readonly jid: string;
  /** Baileys' content, or a finished message; made while the connection is known to be there. */
  content(sock: BaileysSocket): AnyMessageContent | Promise<AnyMessageContent>;
  readonly id?: string | undefined;
  readonly replyTo?: string | undefined;
  readonly attributes?: Record<string, string>;
  readonly nodes?: BinaryNode[];
}

/** A message in WhatsApp's own form, which Baileys has no content for. */
export interface OutgoingProto extends Omit<OutgoingMessage, 'content'> {
  message(sock: BaileysSocket): proto.IMessage | Promise<proto.IMessage>;
}

/** Sends messages of every kind, and waits for WhatsApp's word on each. */
export class Sender {
  readonly options: SenderOptions;
  /** Who got something in this connection: nobody looks again. */
  readonly #reached = new Recent<true>(REACHED);

  constructor(options: SenderOptions) {
    this.options = options;
  }

  /** The way to send a message of Baileys' own kinds. */
  async send(message: OutgoingMessage): Promise<WAMessage> {
    const options = await this.#messageOptions(message);
    return this.#dispatch(message, async (sock) => {
      const upload = sock.waUploadToServer;
      const content = await message.content(sock);
      return generateWAMessage(message.jid, content, { ...options, upload, mediaUploadTimeoutMs: UPLOAD_TIMEOUT_MS });
    });
  }

  async sendFinished(message: OutgoingProto): Promise<WAMessage> {
    const options = await this.#messageOptions(message);
    return this.#dispatch(message, async (sock) =>
      generateWAMessageFromContent(message.jid, await message.message(sock), options),
    );
  }

  /** A new id in the form of WhatsApp's own clients. */
  newId(): string {
    return generateMessageIDV2(this.options.me()?.jid);
  }

  async #messageOptions({ id, replyTo }: Pick<OutgoingMessage, 'id' | 'replyTo'>) {
    const messageId = id ? chosenId(id) : this.newId();
    const quoted = replyTo ? await this.#quoted(replyTo) : undefined;
    return { userJid: this.options.me()?.jid ?? '', messageId, ...(quoted ? { quoted } : {}) };
  }

  async #dispatch(
    { jid, attributes = {}, nodes = [] }: Pick<OutgoingMessage, 'jid' | 'attributes' | 'nodes'>,
    make: (sock: BaileysSocket) => Promise<RawMessage>,
  ): Promise<WAMessage> {
    const { requests, sent, timeoutMs } = this.options;
    const me = this.options.me();
    const raw = await requests.call('the message', async (sock) => {
      await this.#reachable(sock, jid);
      const made = await make(sock);
      const { message } = made;
      const { id } = made.key;
      if (!id || !message) throw badRequest('the message is empty');
      // Whoever cannot decrypt it asks for it again by its id, so it does not leave before it is stored.
      sent.holdUntil(this.options.messageStore.keep(made, true));
      const taken = sent.expect(made, timeoutMs);
      taken.catch(() => undefined);
      try {
        const options = { messageId: id, additionalAttributes: attributes, additionalNodes: nodes };
        await sock.relayMessage(jid, message, options);
      } catch (error) {
        sent.forget(id);
        throw error;
      }
      await taken;
      return made;
    });
    raw.status = SERVER_ACK;
    return messagePayload(raw, { me: me?.id, source: 'api' });
  }

  /**
   * Whether anybody would get it: WhatsApp takes messages for numbers that nobody has, and they go nowhere. The devices
   * are looked up for sending anyway, and kept; only when there are none is WhatsApp asked about the number.
   */
  async #reachable(sock: BaileysSocket, jid: string): Promise<void> {
    const me = this.options.me();
    const isNumber = jid.endsWith('@s.whatsapp.net') && jid !== jidNormalizedUser(me?.jid ?? '');
    if (!isNumber || this.#reached.has(jid)) return;
    const devices = await sock.getUSyncDevices([jid], true, false);
    if (devices.length > 0) return this.#reached.set(jid, true);
    // Who is not there is left out of the answer.
    const found = await sock.onWhatsApp(jid);
    if (found && !found.some(({ exists }) => exists)) throw notOnWhatsApp('chatId', chatIdOf(jid));
  }

  async #quoted(replyTo: string): Promise<RawMessage | undefined> {
    const { id } = readMessageId(replyTo, 'reply_to');
    const { messageStore, log } = this.options;
    const stored = await messageStore.find(id);
    if (!stored) {
      log.warn({ id }, 'the message to quote is not known; it is sent without the quote');
      return undefined;
    }
    const raw = recall(stored);
    // What was revoked says nothing any more.
    return raw.message ? raw : undefined;
  }
}

/** The id that the caller wants the message to have. */
const chosenId = (text: string): string => {
  const { id, fromMe } = readMessageId(text, 'id');
  if (fromMe === false) throw badRequest('id must be that of a message of your own');
  return id;
};

/** Mentioned people as Baileys wants them; nothing when there are none. */
export const mentionsOf = (mentions: readonly string[] | undefined): { mentions: string[] } | object =>
  mentions?.length ? { mentions: mentions.map((mention, index) => jidOf(mention, `mentions[${index}]`)) } : {};
