import type { WAMessage } from './message.ts';
import type { FileContent } from './sending.ts';

/** Who sees a status, and under which id it is sent. */
export interface StatusOptions {
  /** Chat ids of people. Absent: all contacts of the session's store, as the account's own setting for statuses limits them. */
  readonly contacts?: readonly string[];
  readonly id?: string;
}

/** A text on a coloured ground. */
export interface TextStatus extends StatusOptions {
  readonly text: string;
  /** `#rrggbb`. */
  readonly backgroundColor: string;
  /** WhatsApp's number of the typeface. */
  readonly font: number;
  readonly linkPreview?: boolean;
  readonly linkPreviewHighQuality?: boolean;
}

/** A picture, a video or a voice message. */
export interface FileStatus extends StatusOptions {
  readonly kind: 'image' | 'video' | 'voice';
  readonly content: FileContent;
  readonly mimetype: string;
  readonly caption?: string;
  /** `#rrggbb`; of `voice`. */
  readonly backgroundColor?: string;
}

/** A status that is taken back. */
export interface RemoveStatus {
  /** Full or bare. */
  readonly messageId: string;
  /** Those who were sent it; see {@link StatusOptions}. */
  readonly contacts?: readonly string[];
}

/**
 * What is shown to many for a day. Every call rejects with `UNPROCESSABLE` when there is nobody to show it to, and with
 * `WHATSAPP_REFUSED` when WhatsApp does not take it.
 */
export interface Statuses {
  sendText(status: TextStatus): Promise<WAMessage>;
  sendFile(status: FileStatus): Promise<WAMessage>;
  /** Takes one of our own back; under a new id, as a message. */
  remove(status: RemoveStatus): Promise<WAMessage>;
}
