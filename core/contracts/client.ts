import type { WAMessage } from './message.ts';
import type { MeInfo } from './session.ts';

export interface SendText {
  /** Chat id in any accepted form. */
  readonly chatId: string;
  readonly text: string;
  /** Message id to quote, full or bare. */
  readonly replyTo?: string;
  readonly mentions?: readonly string[];
  readonly linkPreview?: boolean;
  readonly linkPreviewHighQuality?: boolean;
}

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
   * Sends and resolves when WhatsApp's server took the message.
   * Rejects with `WHATSAPP_REFUSED` (422, its code) on an error ack, `CONNECTION_LOST` (503) when the connection closes first.
   */
  sendText(message: SendText): Promise<WAMessage>;
  sendSeen(seen: SendSeen): Promise<void>;
}

export type ChatPresence = 'typing' | 'recording' | 'paused';

export interface Presence {
  /** Shows the other side that we are typing, recording, or have paused. */
  setChatState(chatId: string, state: ChatPresence): Promise<void>;
  /** Online or offline for everyone. */
  setOnline(online: boolean): Promise<void>;
}

/** A capability beyond `messages` is there when the engine can do it. */
export interface Client {
  readonly me: () => MeInfo | null;
  readonly messages: Messages;
  readonly presence?: Presence;
}

/** The optional parts of a client. */
export type Capability = Exclude<keyof Client, 'me' | 'messages'>;
