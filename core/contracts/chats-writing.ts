/** What the owner of an account does to its chats; the phone and all linked devices see it. */
export interface ChatStates {
  /** Archives a chat, or takes it back out of the archive. Rejects with `BAD_REQUEST` for what is no person and no group. */
  archive(chatId: string, archived: boolean): Promise<void>;
  /** Shows the chat as unread. */
  markUnread(chatId: string): Promise<void>;
}

/** Payload of `chat.archive`. */
export interface ChatArchivePayload {
  readonly id: string;
  readonly archived: boolean;
  /** Seconds. */
  readonly timestamp: number;
}
