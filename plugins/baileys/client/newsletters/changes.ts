import { type BinaryNode, proto, type WAMessage as RawMessage } from '@whiskeysockets/baileys';
import { unprocessable, type WAMessage } from 'waha-runtime';
import { changeOf, channelEdit } from '../../inbound/channel-posts.ts';
import type { Found } from '../message-keys.ts';
import type { Sender } from '../sender.ts';

/** What changes posts of channels. Baileys writes these as in other chats, and WhatsApp does not take them. */
export class ChannelChanges {
  readonly #sender: Sender;

  constructor(sender: Sender) {
    this.#sender = sender;
  }

  /** The post has the same id, and the new content in place of the old one. */
  edit({ jid, key }: Found, content: proto.IMessage): Promise<WAMessage> {
    const body = { tag: 'plaintext', attrs: {}, content: proto.Message.encode(content).finish() };
    const attrs = { to: jid, id: key.id, type: 'text', edit: channelEdit.edited };
    return this.#send(changeOf(post(jid, key.id), content), { tag: 'message', attrs, content: [body] });
  }

  remove({ jid, key }: Found): Promise<WAMessage> {
    const body = { tag: 'plaintext', attrs: {}, content: Buffer.alloc(0) };
    const attrs = { to: jid, id: key.id, type: 'text', edit: channelEdit.revoked };
    return this.#send(changeOf(post(jid, key.id), null), { tag: 'message', attrs, content: [body] });
  }

  /** WhatsApp knows the post by the server's id of it. */
  react({ jid, key, raw, serverId }: Found, text: string, id: string | undefined): Promise<WAMessage> {
    const stored = Number((raw as { newsletterServerId?: unknown } | undefined)?.newsletterServerId) || undefined;
    const server_id = serverId ?? stored?.toString();
    if (!server_id)
      throw unprocessable('messageId: the server’s id of the post is not known; give false_<channel>_<server id>_<id>');
    const own = post(jid, id ?? this.#sender.newId());
    const message = { reactionMessage: { key: { remoteJid: jid, fromMe: key.fromMe, id: key.id }, text } };
    const removal = text === '' ? { edit: channelEdit.unreacted } : {};
    const attrs = { to: jid, id: own.key.id ?? '', type: 'reaction', server_id, ...removal };
    const reaction = { tag: 'reaction', attrs: text === '' ? {} : { code: text } };
    return this.#send({ ...own, message } as RawMessage, { tag: 'message', attrs, content: [reaction] });
  }

  #send(raw: RawMessage, stanza: BinaryNode): Promise<WAMessage> {
    return this.#sender.sendStanza(raw, stanza);
  }
}

const post = (remoteJid: string, id: string): RawMessage => ({
  key: { remoteJid, fromMe: true, id },
  message: {},
  messageTimestamp: Math.floor(Date.now() / 1000),
});
