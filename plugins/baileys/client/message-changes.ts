import {
  type AnyMessageContent,
  generateWAMessageContent,
  proto,
  type WAMessage as RawMessage,
} from '@whiskeysockets/baileys';
import { badRequest, type Changes, notFound, unprocessable, type WAMessage } from 'waha-runtime';
import type { EditMessage, ForwardMessage, MessageTarget, PinMessage, React, StarMessage } from 'waha-runtime/engine';
import { contextOf } from '../messages/content.ts';
import { withEdit } from '../messages/edits.ts';
import { isMany, jidOf, kindOfChat, messageIdOf } from '../messages/ids.ts';
import { forwardable } from '../messages/outgoing.ts';
import { unwrapped } from '../messages/parts.ts';
import { starMessages } from '../repairs/stars.ts';
import type { BaileysSocket } from '../socket/socket.ts';
import { changeAppState } from './app-state.ts';
import { findMessage } from './message-keys.ts';
import { checkText } from './messages.ts';
import { ChannelChanges } from './newsletters/changes.ts';
import { mentionsOf, type Sender } from './sender.ts';
import { StatusAudience } from './status-audience.ts';
import { BaileysStatuses } from './statuses.ts';

const { MESSAGE_EDIT } = proto.Message.ProtocolMessage.Type;

/** The `edit` attribute of the stanza: what the message does to another one. */
const stanza = { edited: '1', pinned: '2', revoked: '7', revokedByAdmin: '8' } as const;

/** Reactions, stars, edits, revocations, pins and forwards. */
export class BaileysChanges implements Changes {
  readonly #sender: Sender;
  readonly #statuses: BaileysStatuses;
  readonly #audience: StatusAudience;
  readonly #channels: ChannelChanges;

  constructor(sender: Sender) {
    this.#sender = sender;
    this.#statuses = new BaileysStatuses(sender);
    this.#channels = new ChannelChanges(sender);
    this.#audience = new StatusAudience(sender.options);
  }

  async react({ reaction, id, ...target }: React): Promise<WAMessage> {
    if ([...reaction].length > 20) throw badRequest('reaction must be one emoji, or empty');
    const found = await this.#find(target);
    const { jid, key } = found;
    if (isChannel(jid)) return this.#channels.react(found, reaction, id);
    const content = () => ({ react: { text: reaction, key } });
    const author = isStatus(jid) ? (key.participant ?? this.#sender.options.me()?.jid) : undefined;
    if (!author) return this.#sender.send({ jid, id, content });
    const { jids: audience } = await this.#audience.forAuthor(author);
    return this.#sender.send({ jid, id, audience, content });
  }

  async star({ star, ...target }: StarMessage): Promise<void> {
    const { jid, key } = await this.#find(target);
    await changeAppState(this.#sender.options.requests, 'the star', (sock) => starMessages(sock, jid, [key], star));
  }

  async edit({ text, id, mentions, linkPreview, linkPreviewHighQuality, ...target }: EditMessage): Promise<WAMessage> {
    checkText(text);
    const found = await this.#find(target);
    const { jid, key, raw } = found;
    if (!key.fromMe) throw unprocessable('only your own messages can be edited');
    if (isChannel(jid))
      return this.#channels.edit(found, raw ? withEdit(raw.message, { conversation: text }) : { conversation: text });
    if (raw && !raw.message) throw notFound(`message '${target.messageId}' was deleted`);
    const { previews } = this.#sender.options;
    const mentioned = mentions
      ? await mentionsOf(mentions, jid, this.#sender.options)
      : { mentions: await this.#stillNamed(text, raw?.message) };
    const message = async (sock: BaileysSocket): Promise<proto.IMessage> => {
      const preview = linkPreview ? await previews?.of(text, sock, linkPreviewHighQuality) : undefined;
      const content = { text, ...mentioned, linkPreview: preview ?? null };
      const after = await generateWAMessageContent(content, { upload: sock.waUploadToServer });
      const { messageContextInfo: _, ...editedMessage } = raw ? withEdit(raw.message, after) : after;
      return { protocolMessage: { key, type: MESSAGE_EDIT, editedMessage, timestampMs: Date.now() } };
    };
    return this.#sender.sendFinished({ jid, id, message, attributes: { edit: stanza.edited } });
  }

  /** Whom a message mentions and its new text still names, by whichever of their names. */
  async #stillNamed(text: string, before: proto.IMessage | null | undefined): Promise<string[]> {
    const { names } = this.#sender.options.directory;
    const users = new Set(Array.from(text.matchAll(/@(\d+)/g), ([, user]) => user));
    const isNamed = async (jid: string) => (await names.jidsOf([jid])).some((name) => users.has(name.split('@', 1)[0]));
    const earlier = contextOf(unwrapped(before))?.mentionedJid ?? [];
    const found = await Promise.all(earlier.map(async (jid) => ((await isNamed(jid)) ? [jid] : [])));
    return found.flat();
  }

  async remove({ id, ...target }: MessageTarget): Promise<WAMessage> {
    const found = await this.#find(target);
    const { jid, key } = found;
    if (isChannel(jid)) return this.#channels.remove(found);
    if (isStatus(jid)) return this.#statuses.remove({ messageId: messageIdOf(key, undefined) });
    if (!key.fromMe && !isMany(jid)) throw unprocessable('only your own messages can be deleted for everyone');
    const edit = key.fromMe ? stanza.revoked : stanza.revokedByAdmin;
    return this.#sender.send({ jid, id, content: () => ({ delete: key }), attributes: { edit } });
  }

  pin({ duration, ...target }: PinMessage): Promise<WAMessage> {
    return this.#pin(target, 1, duration);
  }

  unpin(target: MessageTarget): Promise<WAMessage> {
    return this.#pin(target, 2);
  }

  async forward({ chatId, messageId, id }: ForwardMessage): Promise<WAMessage> {
    const jid = jidOf(chatId);
    const { raw } = await this.#find({ messageId });
    if (!raw?.message) throw notFound(`message '${messageId}' is not known, so it cannot be forwarded`);
    const message = forwardable(raw.message);
    if (!message) throw unprocessable('WhatsApp does not forward messages of this kind');
    const forward = { ...raw, message } as RawMessage;
    return this.#sender.send({ jid, id, content: () => ({ forward, force: true }) });
  }

  async #pin({ id, ...target }: MessageTarget, type: 1 | 2, duration?: number): Promise<WAMessage> {
    const { jid, key } = await this.#find(target);
    const content = { pin: key, type, ...(duration === undefined ? {} : { time: duration }) } as AnyMessageContent;
    return this.#sender.send({ jid, id, content: () => content, attributes: { edit: stanza.pinned } });
  }

  #find(target: Pick<MessageTarget, 'messageId' | 'chatId'>) {
    const { messageStore: history, directory } = this.#sender.options;
    return findMessage({ history, numbers: directory.numbers }, target);
  }
}

const isStatus = (jid: string): boolean => kindOfChat(jid) === 'status';
const isChannel = (jid: string): boolean => kindOfChat(jid) === 'channels';
