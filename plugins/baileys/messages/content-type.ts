import type { proto } from '@whiskeysockets/baileys';

export type Content = proto.IMessage;
export type Text = string | null | undefined;

/** What the keys of a file are derived with: `WhatsApp <kind> Keys`. */
export type FileKind = 'Image' | 'Video' | 'Audio' | 'Document' | 'History' | 'Sticker Pack';

/** A bubble of its own in the chat: the event `message`. */
export interface Bubble<T> {
  readonly as: 'content';
  /** What a phone shows of it as text, without what is in `within`. */
  text?(part: T): Text;
  /** It is a file. */
  readonly file?: FileKind;
  /** What it is made of: the picture of a header, the cards of a carousel, the message of a comment. */
  within?(part: T): readonly (Content | null | undefined)[];
}

/** An envelope: what matters is the message inside. */
interface Wrapper<T> {
  readonly as: 'wrapper';
  inner(part: T): Content | null | undefined;
}

/** Something that happens to another message, with the event that tells of it. Null: it is counted and logged. */
interface Change {
  readonly as: 'change';
  readonly event:
    | ('message.reaction' | 'message.edited, message.revoked' | 'message.pinned' | 'message.kept')
    | ('poll.vote' | 'event.response' | null);
}

/** WhatsApp talking to itself, or to its own apps: keys, history, hints for what follows. It is counted. */
interface Protocol {
  readonly as: 'protocol';
}

export type ContentType<T = never> = Bubble<T> | Wrapper<T> | Change | Protocol;

/** Texts below each other, as a phone shows them. */
export const lines = (...texts: readonly Text[]): string | null => texts.filter(Boolean).join('\n') || null;
