/**
 * `waha-runtime/engine`: what only the plugin of an engine needs, besides `waha-runtime`.
 */

// The engine and its connections

export { type Restriction, timelockOf } from './contracts/account-limits.ts';
export type {
  CloseReason,
  Engine,
  EngineConnection,
  EngineInput,
  EngineSignal,
  Pairing,
  PublishOptions,
} from './contracts/engine.ts';
export type { AcceptedAccount, AccountMoving } from './contracts/moving.ts';
export type { WhatsAppEndpoint } from './contracts/network.ts';
export type { PasskeyCeremony } from './contracts/passkey.ts';
export type { PairingCode } from './contracts/session.ts';
export { accountLimited, connectionLost, corruptAuth, notOnWhatsApp } from './errors.ts';
export { currentTraceparent } from './stray-errors.ts';

// What a connection keeps

export type {
  LabelLink,
  LibraryMessage,
  LibraryNews,
  LidPair,
  PendingJob,
  SessionLibrary,
  StoredChat,
  StoredContact,
  StoredLabel,
  StoredMessage,
} from './contracts/library.ts';
export type { AuthChanges, KeyChange, SessionAuth, SessionHistory } from './contracts/stores.ts';

// What it tells

export type { CallPayload, Calls, RejectCall } from './contracts/calls.ts';
export type { ChatArchivePayload } from './contracts/chats-writing.ts';
export type {
  GroupInfo,
  GroupV2ParticipantsEvent,
  GroupV2UpdateEvent,
} from './contracts/group-events.ts';
export { type Ack, ackName } from './contracts/message.ts';
export type {
  EventResponsePayload,
  MessageAckPayload,
  PollVotePayload,
} from './contracts/message-events.ts';

// The capabilities of its client

export type { ChatPresence, Messages, Numbers, Presence, Presences, SendSeen, SendText } from './contracts/client.ts';
export type { AddressBook, ContactName, Pictures } from './contracts/contacts-writing.ts';
export type {
  CreatedGroup,
  GroupListQuery,
  JoinRequest,
  ParticipantResult,
  RawGroup,
} from './contracts/groups.ts';
export { type LabelContent, type Labels, labelColorHex } from './contracts/labels.ts';
export type {
  EditMessage,
  ForwardMessage,
  MessageTarget,
  PinMessage,
  React,
  StarMessage,
} from './contracts/message-changes.ts';
export type { ChannelPublicInfo, ChannelSearch, CreateChannel } from './contracts/newsletters.ts';
export type {
  ChatListQuery,
  ChatReading,
  ContactListQuery,
  ContactReading,
  LidReading,
  ListPage,
  MessageReading,
  OverviewQuery,
} from './contracts/reading.ts';
export type {
  Attachments,
  Contents,
  SendButtons,
  SendContacts,
  SendLinkPreview,
  SendList,
  SendLocation,
  SendOptions,
  SendPoll,
} from './contracts/sending.ts';
export type { RemoveStatus, TextStatus } from './contracts/status.ts';
