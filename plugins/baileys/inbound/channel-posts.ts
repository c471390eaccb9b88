import { type BinaryNode, proto, type WAMessage as RawMessage } from '@whiskeysockets/baileys';
import { Recent } from '../recent.ts';
import type { BaileysSocket } from '../socket/socket.ts';

const KEPT = 500;
const { MESSAGE_EDIT, REVOKE } = proto.Message.ProtocolMessage.Type;

/** What a channel's stanza does to a post: its attribute `edit`. */
export const channelEdit = { edited: '3', revoked: '8', unreacted: '7' } as const;

/**
 * Posts of channels as what they are. Baileys passes over who sent them and that they change an earlier one, which has the same
 * id: so the stanzas are looked at, too.
 */
export class ChannelPosts {
  /** What stanzas said, oldest first, by channel, id and time: their posts come in the same order. */
  readonly #stanzas = new Recent<BinaryNode['attrs'][]>(KEPT);

  constructor({ ws }: Pick<BaileysSocket, 'ws'>) {
    ws.on('CB:message', ({ attrs }: BinaryNode) => {
      if (!attrs['from']?.endsWith('@newsletter')) return;
      const place = placeOf(attrs['from'], attrs['id'], Number(attrs['t']));
      this.#stanzas.set(place, [...(this.#stanzas.get(place) ?? []), attrs]);
    });
  }

  told(raw: RawMessage): RawMessage {
    const { remoteJid, id } = raw.key;
    if (!remoteJid?.endsWith('@newsletter')) return raw;
    const attrs = this.#stanzas.get(placeOf(remoteJid, id, Number(raw.messageTimestamp)))?.shift();
    if (!attrs) return raw;
    const { participant: _, ...rest } = raw.key;
    const key = { ...rest, fromMe: attrs['is_sender'] === 'true' };
    const post = { ...raw, key, newsletterServerId: Number(attrs['server_id'] ?? 0) } as unknown as RawMessage;
    if (attrs['edit'] === channelEdit.edited) return changeOf(post, raw.message ?? {});
    return attrs['edit'] === channelEdit.revoked ? changeOf(post, null) : post;
  }
}

/** A post with what it has become, or null when it was taken back, as the message that says so elsewhere. */
export const changeOf = (post: RawMessage, editedMessage: proto.IMessage | null): RawMessage => {
  const { remoteJid, fromMe, id } = post.key;
  const key = { remoteJid, fromMe, id };
  const at = Number(post.messageTimestamp);
  const protocolMessage = editedMessage
    ? { key, type: MESSAGE_EDIT, editedMessage, timestampMs: at * 1000 }
    : { key, type: REVOKE };
  // Every change is a fact of its own.
  return { ...post, key: { ...post.key, id: `${id}.${at}` }, message: { protocolMessage } } as unknown as RawMessage;
};

const placeOf = (from: string, id: string | null | undefined, t: number): string => `${from} ${id} ${t}`;
