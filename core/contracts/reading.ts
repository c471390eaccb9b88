import { Identity, WAMessage } from './message.ts';
import { named, Type, type ValueOf } from './schema.ts';

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

const maybeText = Type.Union([Type.String(), Type.Null()]);

/** A chat as it is kept. Further fields are the engine's own. */
export const ChatInfo = named(
  'ChatInfo',
  Type.Object(
    {
      id: Type.String(),
      lid: Type.Optional(maybeText),
      pn: Type.Optional(maybeText),
      identity: Type.Optional(Identity),
      name: maybeText,
      conversationTimestamp: Type.Number({ description: 'The time of the newest message, in seconds since the epoch' }),
      unreadCount: Type.Integer({ description: '-1 means that the user marked the chat as unread' }),
    },
    { additionalProperties: true },
  ),
);
export type ChatInfo = ValueOf<typeof ChatInfo> & { readonly [more: string]: unknown };

/** Which chats an overview shows: a page of them, or those that are named. */
export interface OverviewQuery extends ListPage {
  /** Only these chats. */
  readonly ids?: readonly string[];
  readonly merge?: boolean;
}

/** A chat in the overview: its name, picture and newest message. */
export const ChatSummary = named(
  'ChatSummary',
  Type.Object({
    id: Type.String(),
    identity: Type.Optional(Identity),
    name: maybeText,
    picture: maybeText,
    lastMessage: Type.Union([WAMessage, Type.Null()]),
    _chat: Type.Object({}, { additionalProperties: true }),
  }),
);
export type ChatSummary = ValueOf<typeof ChatSummary>;

/** Which messages of a chat are listed: a page, in which order, and by which marks they are chosen. */
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
  /** Newest first unless asked otherwise. Nothing for a chat that is not known; those of every chat for `all`. */
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
export const ContactInfo = named(
  'ContactInfo',
  Type.Object({
    id: Type.String({ examples: ['11111111111@c.us'] }),
    lid: Type.Union([Type.String(), Type.Null()], { description: '`<n>@lid`, if it is known' }),
    number: Type.Union([Type.String(), Type.Null()], { description: 'The digits of the number, if they are known' }),
    name: Type.Union([Type.String(), Type.Null()], { description: 'The name in the phone’s address book' }),
    pushname: Type.Union([Type.String(), Type.Null()], { description: 'The name that the person has chosen' }),
    verifiedName: Type.Union([Type.String(), Type.Null()], { description: 'Of a business' }),
    isMe: Type.Boolean(),
    identity: Type.Optional(Identity),
  }),
);
export type ContactInfo = ValueOf<typeof ContactInfo>;

/** Reads the contacts that WhatsApp told this session of. */
export interface ContactReading {
  list(query: ContactListQuery): Promise<readonly ContactInfo[]>;
  /** Null when nothing is known of this person. */
  get(id: string): Promise<ContactInfo | null>;
}

/** The hidden id of a person and the phone number, both in WAHA's form; null for what is not known. */
export const LidMapping = named(
  'LidToPhoneNumber',
  Type.Object({
    lid: Type.Union([Type.String(), Type.Null()], { examples: ['222222222222@lid'] }),
    pn: maybeText,
  }),
);
export type LidMapping = ValueOf<typeof LidMapping>;

/** Reads which hidden id belongs to which phone number, as far as this session knows. */
export interface LidReading {
  list(page: ListPage): Promise<readonly LidMapping[]>;
  count(): Promise<number>;
  /** These two answer without a store, too, from what the connection knows. */
  byLid(lid: string): Promise<LidMapping>;
  byPhone(phone: string): Promise<LidMapping>;
}
