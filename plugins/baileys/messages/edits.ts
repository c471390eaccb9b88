import { proto, type WAMessage as RawMessage } from '@whiskeysockets/baileys';
import { bodyOf, contextOf } from './content.ts';
import type { Content } from './content-type.ts';
import { unwrapped } from './parts.ts';

/** What has a file and a caption below it. */
const captioned = ['imageMessage', 'videoMessage', 'ptvMessage', 'documentMessage'] as const;

/**
 * A message with an edit applied. An edit says what the text is now: the file, the quote and the secret of the message stay. A
 * caption comes as a text, or as the file's message with little more than its caption.
 */
export const withEdit = (original: Content | null | undefined, edit: Content): Content => {
  const [before, after] = [unwrapped(original), unwrapped(edit)];
  const { messageContextInfo } = original ?? {};
  const content = captionEdit(before, after) ?? textEdit(before, after);
  return { ...content, ...(messageContextInfo ? { messageContextInfo } : {}) };
};

const captionEdit = (before: Content, after: Content): Content | null => {
  for (const name of captioned) {
    const part = before[name];
    if (!part) continue;
    const isText = after.conversation != null || after.extendedTextMessage != null;
    if (!isText && !after[name]) return null;
    const caption = bodyOf(after);
    const file = after[name]?.mediaKey?.length ? { ...part, ...after[name] } : part;
    return { [name]: { ...file, caption, ...contextFrom(before, after) } };
  }
  return null;
};

const textEdit = (before: Content, after: Content): Content => {
  const context = contextFrom(before, after);
  if (!('contextInfo' in context)) return after;
  if (after.conversation != null) return { extendedTextMessage: { text: after.conversation, ...context } };
  const { messageContextInfo: _, ...parts } = after;
  return Object.fromEntries(
    Object.entries(parts).map(([name, part]) => [name, typeof part === 'object' ? { ...part, ...context } : part]),
  );
};

/** What the message quotes and how long it lives stays; whom it mentions is said anew. */
const contextFrom = (before: Content, after: Content): { contextInfo: proto.IContextInfo } | object => {
  const [old, fresh] = [contextOf(before), contextOf(after)];
  if (!old && !fresh) return {};
  const kept = { ...old };
  delete kept.mentionedJid;
  const said = Object.fromEntries(Object.entries(fresh ?? {}).filter(([, value]) => value != null));
  return { contextInfo: { ...kept, ...said } };
};

/** The message as it is after an edit that came, or was sent. */
export const edited = (original: RawMessage, editedMessage: Content): RawMessage => {
  const message = withEdit(original.message, editedMessage);
  const { messageContextInfo, ...content } = message;
  const marked = { editedMessage: { message: content }, ...(messageContextInfo ? { messageContextInfo } : {}) };
  return { ...original, message: proto.Message.fromObject(marked) } as RawMessage;
};
