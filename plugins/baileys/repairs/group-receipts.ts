import type { EventEmitter } from 'node:events';
import { type BinaryNode, jidNormalizedUser, type MessageUserReceiptUpdate } from '@whiskeysockets/baileys';

type Receipt = MessageUserReceiptUpdate['receipt'];

/** What members say of a message, by the type of their receipt; other types are about something else. */
const steps: Readonly<Record<string, keyof Receipt>> = {
  '': 'receiptTimestamp',
  read: 'readTimestamp',
  played: 'playedTimestamp',
};

/**
 * Reads receipts of groups and statuses itself. Baileys tells of a message that was played as of one that was read, takes what
 * our own phone and other devices confirm for what a member did (and a message of somebody else that the phone has read
 * for one of ours), and does not see a receipt that speaks for many members at once.
 */
export const onGroupReceipts = (
  client: EventEmitter,
  isMe: (jid: string) => boolean,
  tell: (update: MessageUserReceiptUpdate) => void,
): void => {
  client.on('CB:receipt', ({ attrs, content }: BinaryNode) => {
    const { from: remoteJid = '', type = '', id = '', participant, t } = attrs;
    const step = Object.hasOwn(steps, type) ? steps[type] : undefined;
    if (!step || !(remoteJid.endsWith('@g.us') || remoteJid === 'status@broadcast')) return;
    const children = Array.isArray(content) ? content : [];
    const one = (message: string, member: string, time = t): void => {
      if (message === '' || isMe(member)) return;
      const receipt = { userJid: jidNormalizedUser(member), [step]: Number(time ?? 0) };
      tell({ key: { remoteJid, id: message, fromMe: true, participant: member }, receipt });
    };
    if (participant) for (const message of new Set([id, ...itemsOf(children)])) one(message, participant);
    for (const { tag, attrs: many, content: users } of children) {
      if (tag !== 'participants' || !Array.isArray(users)) continue;
      for (const { attrs: user } of users) if (user['jid']) one(many['key'] ?? id, user['jid'], user['t']);
    }
  });
};

/** The further messages of a receipt that is about several. */
const itemsOf = (children: readonly BinaryNode[]): string[] =>
  children.flatMap(({ tag, content }) =>
    tag === 'list' && Array.isArray(content) ? content.flatMap(({ attrs }) => attrs['id'] ?? []) : [],
  );
