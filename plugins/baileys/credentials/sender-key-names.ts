import { type Contact, jidDecode } from '@whiskeysockets/baileys';

/** Under which names our own key of a group may be. */
export const ownSenderKeyNames = ({ id, lid }: Contact, group: string): string[] =>
  [id, lid].flatMap((jid) => (jid ? senderKeyName(group, jid) : []));

/** How Baileys files the key of a device in a group (its `libsignal.js`). */
const senderKeyName = (group: string, jid: string): string[] => {
  const { user, device, domainType } = jidDecode(jid) ?? {};
  if (!user) return [];
  return [`${group}::${domainType ? `${user}_${domainType}` : user}::${device ?? 0}`];
};
