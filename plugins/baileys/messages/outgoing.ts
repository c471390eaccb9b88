import { proto } from '@whiskeysockets/baileys';
import { bodyOf } from './content.ts';
import type { Content } from './content-type.ts';
import { contentTypes } from './content-types.ts';
import { fieldsOf, partsOf, unwrapped } from './parts.ts';

interface Named {
  contextInfo?: proto.IContextInfo | null;
}

/** The contents that say something of their surroundings: of the message, and of the edit in it. */
const withContext = (message: Content): Named[] => {
  const content = unwrapped(message);
  const { editedMessage } = content.protocolMessage ?? {};
  const [outer] = partsOf(editedMessage ? unwrapped(editedMessage) : content);
  return outer && typeof outer.value === 'object' ? [outer.value as Named] : [];
};

/** Keys of messages that a message is about. */
const keysIn = (message: Content): proto.IMessageKey[] => {
  const { reactionMessage, protocolMessage, pinInChatMessage, keepInChatMessage, pollUpdateMessage } =
    unwrapped(message);
  const keys = [reactionMessage?.key, protocolMessage?.key, pinInChatMessage?.key, keepInChatMessage?.key];
  return [...keys, pollUpdateMessage?.pollCreationMessageKey].flatMap((key) => key ?? []);
};

/** Every person that a message names: whom it mentions, whom it quotes, whose message it is about. */
export const peopleIn = (message: Content): string[] => {
  const contexts = withContext(message).flatMap(({ contextInfo }) => contextInfo ?? []);
  const named = contexts.flatMap(({ mentionedJid, participant }) => [...(mentionedJid ?? []), participant]);
  const authors = keysIn(message).map(({ participant }) => participant);
  return [...new Set([...named, ...authors].flatMap((jid) => jid || []))];
};

/** What of a content is text that names people as `@<user>`. */
const texts = ['text', 'caption'] as const;

/** Names people otherwise, in attributes and in the text. Changes the message. */
export const rename = (message: Content, names: ReadonlyMap<string, string>): void => {
  const other = (jid: string): string => names.get(jid) ?? jid;
  for (const part of withContext(message)) {
    const { contextInfo } = part;
    if (!contextInfo) continue;
    for (const jid of contextInfo.mentionedJid ?? []) {
      // The text may have any of their names.
      for (const [name, wanted] of names) if (wanted === other(jid)) renameInText(part, userOf(name), userOf(wanted));
    }
    // Whoever was named under both names is one person.
    if (contextInfo.mentionedJid) contextInfo.mentionedJid = [...new Set(contextInfo.mentionedJid.map(other))];
    if (contextInfo.participant) contextInfo.participant = other(contextInfo.participant);
  }
  for (const key of keysIn(message)) if (key.participant) key.participant = other(key.participant);
};

const renameInText = (part: Named, from: string, to: string): void => {
  if (from === to) return;
  const fields = part as Partial<Record<(typeof texts)[number], string | null>>;
  for (const field of texts) {
    const text = fields[field];
    // The whole number: another one may begin with the same digits.
    if (text) fields[field] = text.replace(/@(\d+)/g, (whole, user: string) => (user === from ? `@${to}` : whole));
  }
};

const userOf = (jid: string): string => jid.split('@', 1)[0]?.split(':', 1)[0] ?? '';

/** Says how long the message lives; 0 for ever. Changes the message. */
export const setExpiration = (message: Content, expiration: number): void => {
  for (const part of withContext(message)) {
    if (expiration > 0) part.contextInfo = { ...part.contextInfo, expiration };
    else if (part.contextInfo?.expiration) part.contextInfo = { ...part.contextInfo, expiration: null };
  }
};

/** Contents that have no place for the mark of a forwarded message, and are no more than their text. */
const mereTexts: ReadonlySet<string> = new Set([
  'highlyStructuredMessage',
  'questionResponseMessage',
  'statusQuestionAnswerMessage',
  'statusQuotedMessage',
]);

/**
 * What is handed on of a message: its content, without its wrappers, its secret, and the keys of its group. Baileys marks the
 * first field as forwarded, so that must be the content. A comment is handed on as what it says. Undefined for what has no place for the
 * mark (payments, calls that are planned): WhatsApp's own clients do not forward it.
 */
export const forwardable = (message: Content | null | undefined): Content | undefined => {
  const content = unwrapped(message);
  if (content.commentMessage) return forwardable(content.commentMessage.message);
  const own = fieldsOf(content).filter((name) => contentTypes[name].as === 'content');
  const [first] = own;
  if (first === undefined) return undefined;
  if (mereTexts.has(first)) return { extendedTextMessage: { text: bodyOf(content) ?? '' } };
  return takesMark(first) ? Object.fromEntries(own.map((name) => [name, content[name]])) : undefined;
};

/** Whether the mark outlives encoding: what the protocol has no field for gets lost. A plain text becomes an extended one. */
const takesMark = (name: keyof Content): boolean => {
  if (name === 'conversation') return true;
  const marked = proto.Message.fromObject({ [name]: { contextInfo: { isForwarded: true } } });
  const read = proto.Message.decode(proto.Message.encode(marked).finish())[name] as Named | null | undefined;
  return read?.contextInfo?.isForwarded === true;
};
