import { Identity } from './message.ts';
import { named, Type, type ValueOf } from './schema.ts';

/** What the owner of an account does to its chats; the phone and all linked devices see it. */
export interface ChatStates {
  /** Archives a chat, or takes it back out of the archive. Rejects with `BAD_REQUEST` for what is no person and no group. */
  archive(chatId: string, archived: boolean): Promise<void>;
  /** Shows the chat as unread. */
  markUnread(chatId: string): Promise<void>;
}

/** The payload of `chat.archive`. */
export const ChatArchivePayload = named(
  'ChatArchiveEvent',
  Type.Object({
    id: Type.String({ examples: ['11111111111@c.us'] }),
    identity: Type.Optional(Identity),
    archived: Type.Boolean(),
    timestamp: Type.Number({ description: 'seconds since the epoch' }),
  }),
);
export type ChatArchivePayload = ValueOf<typeof ChatArchivePayload>;
