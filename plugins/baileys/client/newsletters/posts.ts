import {
  type BinaryNode,
  getBinaryNodeChild,
  getBinaryNodeChildren,
  proto,
  type WAMessage as RawMessage,
} from '@whiskeysockets/baileys';

/** A post as WhatsApp lists it. */
export interface Post {
  readonly raw: RawMessage;
  readonly reactions: Record<string, number>;
  readonly views: number;
}

/** The posts in `<messages>`. One that cannot be read is left out. */
export const postsIn = (answer: BinaryNode): Post[] => {
  const list = getBinaryNodeChild(answer, 'messages');
  const chat = list?.attrs['jid'];
  return getBinaryNodeChildren(list, 'message').flatMap((node) => {
    const raw = chat ? rawOf(node, chat) : null;
    return raw ? [{ raw, reactions: reactionsIn(node), views: viewsIn(node) }] : [];
  });
};

const rawOf = (node: BinaryNode, remoteJid: string): RawMessage | null => {
  const { id, server_id: serverId = '', t, is_sender: isSender } = node.attrs;
  const content = getBinaryNodeChild(node, 'plaintext')?.content;
  if (!id || !(content instanceof Uint8Array)) return null;
  try {
    const message = proto.Message.decode(content);
    const key = { remoteJid, id, fromMe: isSender === 'true', server_id: serverId };
    return { key, message, messageTimestamp: Number(t), newsletterServerId: Number(serverId) } as unknown as RawMessage;
  } catch {
    return null;
  }
};

const reactionsIn = (node: BinaryNode): Record<string, number> =>
  Object.fromEntries(
    getBinaryNodeChildren(getBinaryNodeChild(node, 'reactions'), 'reaction').map(({ attrs }) => [
      attrs['code'] ?? '',
      Number(attrs['count'] ?? 0),
    ]),
  );

const viewsIn = (node: BinaryNode): number => Number(getBinaryNodeChild(node, 'views_count')?.attrs['count'] ?? 0);
