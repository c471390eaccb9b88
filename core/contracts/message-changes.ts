import type { WAMessage } from './message.ts';

/** A message by its id, full or bare; `chatId` says where when the id does not. */
export interface MessageTarget {
  readonly messageId: string;
  readonly chatId?: string;
  /** Send the change under this id. */
  readonly id?: string;
}

/** A reaction to a message. */
export interface React extends MessageTarget {
  /** An emoji; empty takes the reaction back. */
  readonly reaction: string;
}

/** A new text for a message that was sent before. */
export interface EditMessage extends MessageTarget {
  readonly text: string;
  /** Whom the text names now, as in a send; absent for those of before whom it still names. */
  readonly mentions?: readonly string[];
  readonly linkPreview?: boolean;
  readonly linkPreviewHighQuality?: boolean;
}

/** A message that is pinned in its chat for a while. */
export interface PinMessage extends MessageTarget {
  /** Seconds. */
  readonly duration: number;
}

/** A message that gets a star, or loses it. */
export interface StarMessage extends MessageTarget {
  readonly star: boolean;
}

/** A message that goes to another chat, marked as forwarded. */
export interface ForwardMessage {
  /** Where to. */
  readonly chatId: string;
  /** Full or bare. */
  readonly messageId: string;
  readonly id?: string;
}

/** What becomes of messages that were sent or received before. */
export interface Changes {
  /** Rejects with `NOT_FOUND` when the id does not say in which chat the message is and nothing is known of it. */
  react(reaction: React): Promise<WAMessage>;
  star(star: StarMessage): Promise<void>;
  /** Only our own messages: `UNPROCESSABLE` for others. */
  edit(edit: EditMessage): Promise<WAMessage>;
  /** Takes a message back for everyone. Only our own, and in groups those of others when we are an admin. */
  remove(target: MessageTarget): Promise<WAMessage>;
  pin(pin: PinMessage): Promise<WAMessage>;
  unpin(target: MessageTarget): Promise<WAMessage>;
  /** Rejects with `NOT_FOUND` when the message is not known. */
  forward(forward: ForwardMessage): Promise<WAMessage>;
}
