import type { WAMessage } from './message.ts';

/** Where a list begins and ends. */
export interface ListPage {
  readonly limit?: number;
  readonly offset?: number;
}

/** Which chats are listed, and in which order. */
export interface ChatListQuery extends ListPage {
  readonly sortBy?: 'conversationTimestamp' | 'id' | 'name';
  readonly sortOrder?: 'asc' | 'desc';
  /** Show the two chats of one person as one; true when absent. */
  readonly merge?: boolean;
}

/** A chat as it is kept. Further fields are the engine's own. */
export interface ChatInfo {
  readonly id: string;
  readonly name: string | null;
  /** Of the newest message, in seconds. */
  readonly conversationTimestamp: number;
  readonly unreadCount: number;
  readonly [more: string]: unknown;
}

/** Which chats get into the overview. */
export interface OverviewQuery extends ListPage {
  /** Only these chats. */
  readonly ids?: readonly string[];
  readonly merge?: boolean;
}

/** A chat in the overview: its name, picture and last message. */
export interface ChatSummary {
  readonly id: string;
  readonly name: string | null;
  readonly picture: string | null;
  readonly lastMessage: WAMessage | null;
  readonly _chat: ChatInfo;
}

/** Which messages of a chat are listed, and in which order. */
export interface MessageListQuery extends ListPage {
  readonly sortOrder?: 'asc' | 'desc';
  /** Fetch files that are not there yet. */
  readonly downloadMedia?: boolean;
  readonly merge?: boolean;
  readonly filter?: {
    /** Seconds, inclusive. */
    readonly timestampGte?: number;
    readonly timestampLte?: number;
    readonly fromMe?: boolean;
    readonly ack?: number;
  };
}

/**
 * Chats as the session's store has them. Every call of this and the next three rejects with `BAD_REQUEST` when the session
 * keeps no store, and for an id that is none, naming the field.
 */
export interface ChatReading {
  list(query: ChatListQuery): Promise<readonly ChatInfo[]>;
  /** Newest first. */
  overview(query: OverviewQuery): Promise<readonly ChatSummary[]>;
}

/** Reads the messages that the session's library keeps. */
export interface MessageReading {
  /** Newest first unless asked otherwise. Nothing for a chat that is not known. */
  list(chatId: string, query: MessageListQuery): Promise<readonly WAMessage[]>;
  /** Rejects with `NOT_FOUND` when it is not known. */
  get(
    chatId: string,
    messageId: string,
    options: Pick<MessageListQuery, 'downloadMedia' | 'merge'>,
  ): Promise<WAMessage>;
  /** Marks the newest messages of others as read: so many of them, of so many days. Gives their ids. */
  markRead(chatId: string, options: { readonly messages?: number; readonly days?: number }): Promise<readonly string[]>;
}

/** Which contacts are listed, and in which order. */
export interface ContactListQuery extends ListPage {
  readonly sortBy?: 'id' | 'name';
  readonly sortOrder?: 'asc' | 'desc';
}

/** What is known of a person. */
export interface ContactInfo {
  readonly id: string;
  /** `<n>@lid`, where it is known. */
  readonly lid: string | null;
  /** Digits, where they are known. */
  readonly number: string | null;
  /** In the phone's address book. */
  readonly name: string | null;
  readonly pushname: string | null;
  /** Of a business. */
  readonly verifiedName: string | null;
  readonly isMe: boolean;
}

/** Reads the contacts that the session's library keeps. */
export interface ContactReading {
  list(query: ContactListQuery): Promise<readonly ContactInfo[]>;
  /** Rejects with `NOT_FOUND` when nothing is known of this person. */
  get(id: string): Promise<ContactInfo>;
}

/** The hidden id of a person and the phone number, both in WAHA's form; null for what is not known. */
export interface LidMapping {
  readonly lid: string | null;
  readonly pn: string | null;
}

/** Reads which hidden id belongs to which phone number. */
export interface LidReading {
  list(page: ListPage): Promise<readonly LidMapping[]>;
  count(): Promise<number>;
  /** These two answer without a store, too, from what the connection knows. */
  byLid(lid: string): Promise<LidMapping>;
  byPhone(phone: string): Promise<LidMapping>;
}
