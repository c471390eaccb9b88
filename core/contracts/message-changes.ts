import type { WAMessage } from './message.ts';

/** A message by its id, full or bare; `chatId` says where when the id does not. */
export interface MessageTarget {
  readonly messageId: string;
  readonly chatId?: string;
  /** Send the change under this id. */
  readonly id?: string;
}

export interface React extends MessageTarget {
  /** An emoji; empty takes the reaction back. */
  readonly reaction: string;
}

export interface EditMessage extends MessageTarget {
  readonly text: string;
  readonly linkPreview?: boolean;
  readonly linkPreviewHighQuality?: boolean;
}

export interface PinMessage extends MessageTarget {
  /** Seconds. */
  readonly duration: number;
}

export interface StarMessage extends MessageTarget {
  readonly star: boolean;
}

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
