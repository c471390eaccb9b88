import type { AccountLimits } from './account-limits.ts';
import type { Calls } from './calls.ts';
import type { ChatStates } from './chats-writing.ts';
import type { AddressBook, Pictures } from './contacts-writing.ts';
import type { Groups } from './groups.ts';
import type { Labels } from './labels.ts';
import { Identity, type WAMessage } from './message.ts';
import type { Changes } from './message-changes.ts';
import type { Newsletters } from './newsletters.ts';
import type { PresencePayload } from './presence.ts';
import type { Profile } from './profile.ts';
import type { ChatReading, ContactReading, LidReading, MessageReading } from './reading.ts';
import { named, Type, type ValueOf } from './schema.ts';
import type { Attachments, Contents, SendOptions } from './sending.ts';
import type { MeInfo } from './session.ts';
import type { Statuses } from './status.ts';

export type * from './account-limits.ts';
export type * from './calls.ts';
export type * from './chats-writing.ts';
export type * from './contacts-writing.ts';
export type * from './groups.ts';
export type * from './labels.ts';
export type * from './message-changes.ts';
export type * from './newsletters.ts';
export type * from './profile.ts';
export type * from './reading.ts';
export type * from './sending.ts';
export type * from './status.ts';

/** A text message, with the chat ids of those who are mentioned in it. */
export interface SendText extends SendOptions {
  readonly text: string;
  readonly mentions?: readonly string[];
  /** A preview of the first link in the text; none when absent, or when the page cannot be had in a moment. */
  readonly linkPreview?: boolean;
  readonly linkPreviewHighQuality?: boolean;
}

/** Which messages of a chat are marked as read. */
export interface SendSeen {
  readonly chatId: string;
  /** The messages to mark; the newest unread ones of the chat when absent. */
  readonly messageIds?: readonly string[];
  /** The author of the messages, needed in groups. */
  readonly participant?: string;
}

/** Sending and marking: the one capability every engine has. */
export interface Messages {
  /**
   * Sends and resolves when WhatsApp's server took the message. That holds for every call that sends.
   * Rejects with `WHATSAPP_REFUSED` (422, its code) on an error ack, `NOT_ON_WHATSAPP` (422) for a number that nobody has,
   * `CONNECTION_LOST` (503) when the connection closes first, `BAD_REQUEST` for an id that is none, naming the field.
   */
  sendText(message: SendText): Promise<WAMessage>;
  sendSeen(seen: SendSeen): Promise<void>;
}

/** Ids for messages that are to be sent under an id known beforehand. */
export interface MessageIds {
  /** A fresh one, to give as `id` to a call that sends. */
  create(): Promise<string>;
}

/** Whether somebody is on WhatsApp. */
export const NumberStatus = named(
  'WANumberExistResult',
  Type.Object({
    numberExists: Type.Boolean(),
    chatId: Type.Optional(
      Type.String({ description: 'The id of the chat, if the number exists', examples: ['11111111111@c.us'] }),
    ),
    chatIdentity: Type.Optional(Identity),
  }),
);
export type NumberStatus = ValueOf<typeof NumberStatus>;

/** Asks WhatsApp who is reachable under a phone number. */
export interface Numbers {
  /** `phone`: digits with the country code, or a chat id. */
  check(phone: string): Promise<NumberStatus>;
}

/** What the account shows to be doing in one chat. */
export type ChatPresence = 'typing' | 'recording' | 'paused';

/** What the account shows of itself to others. */
export interface Presence {
  /** Shows the other side that we are typing, recording, or have paused. */
  setChatState(chatId: string, state: ChatPresence): Promise<void>;
  /** Online or offline for everyone. */
  setOnline(online: boolean): Promise<void>;
}

/** What others are doing. */
export interface Presences {
  /** What is known of every chat that we heard of in this connection. */
  list(): Promise<readonly PresencePayload[]>;
  /** What is known of one chat; asks WhatsApp to tell from now on. No presences when nothing is known yet. */
  get(chatId: string): Promise<PresencePayload>;
  /** Asks WhatsApp to tell of this chat, as `presence.update` events. */
  subscribe(chatId: string): Promise<void>;
}

/** A capability beyond `messages` is there when the engine can do it. */
export interface Client {
  readonly me: () => MeInfo | null;
  readonly messages: Messages;
  readonly messageIds?: MessageIds;
  readonly attachments?: Attachments;
  readonly contents?: Contents;
  readonly changes?: Changes;
  readonly numbers?: Numbers;
  readonly presence?: Presence;
  readonly presences?: Presences;
  readonly profile?: Profile;
  readonly pictures?: Pictures;
  readonly addressBook?: AddressBook;
  readonly chatStates?: ChatStates;
  readonly calls?: Calls;
  readonly groups?: Groups;
  readonly chatReading?: ChatReading;
  readonly messageReading?: MessageReading;
  readonly contactReading?: ContactReading;
  readonly lids?: LidReading;
  readonly labels?: Labels;
  readonly status?: Statuses;
  readonly newsletters?: Newsletters;
  readonly limits?: AccountLimits;
}

/** The optional parts of a client. */
export type Capability = Exclude<keyof Client, 'me' | 'messages'>;
