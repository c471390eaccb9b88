import type { WAMessage } from './message.ts';

/** What every message that is sent has. */
export interface SendOptions {
  /** Chat id in any accepted form. */
  readonly chatId: string;
  /** Send under this id, full or bare. The same message sent twice under one id arrives once. */
  readonly id?: string;
  /** Message id to quote, full or bare. */
  readonly replyTo?: string;
}

/** How a file is shown in the chat. */
export type AttachmentKind = 'image' | 'video' | 'voice' | 'sticker' | 'file';

/** The bytes of a file, or where they are on this machine: then they never are in memory as a whole. */
export type FileContent = Uint8Array | { readonly path: string };

/** A file to send. */
export interface SendFile extends SendOptions {
  readonly kind: AttachmentKind;
  readonly content: FileContent;
  readonly mimetype: string;
  readonly filename?: string;
  readonly caption?: string;
  readonly mentions?: readonly string[];
  /** A round video note, of `video`. */
  readonly asNote?: boolean;
  /** A sticker that moves. */
  readonly animated?: boolean;
}

/** Messages with a file. */
export interface Attachments {
  /** Encrypts, uploads and sends. Sent as it is; a file at a path must stay there until this resolves. */
  send(file: SendFile): Promise<WAMessage>;
}

/** A place on the map. */
export interface SendLocation extends SendOptions {
  readonly latitude: number;
  readonly longitude: number;
  readonly title?: string;
}

/** Business cards: a vCard each. */
export interface SendContacts extends SendOptions {
  readonly contacts: readonly { readonly name: string; readonly vcard: string }[];
}

/** A question with answers to choose from. */
export interface SendPoll extends SendOptions {
  readonly name: string;
  readonly options: readonly string[];
  readonly multipleAnswers: boolean;
}

/** A message with a button that opens a list of rows to choose from. */
export interface SendList extends SendOptions {
  readonly title: string;
  readonly description?: string;
  readonly footer?: string;
  /** What opens the list. */
  readonly button: string;
  readonly sections: readonly {
    readonly title: string;
    readonly rows: readonly { readonly title: string; readonly description?: string; readonly rowId: string }[];
  }[];
}

/** A button below a message, by what it does. */
export type MessageButton =
  | { readonly type: 'reply'; readonly text: string; readonly id: string }
  | { readonly type: 'url'; readonly text: string; readonly url: string }
  | { readonly type: 'call'; readonly text: string; readonly phoneNumber: string }
  | { readonly type: 'copy'; readonly text: string; readonly copyCode: string };

/** A message with buttons below it. */
export interface SendButtons extends SendOptions {
  readonly header?: string;
  readonly headerImage?: Uint8Array;
  readonly body: string;
  readonly footer?: string;
  readonly buttons: readonly MessageButton[];
}

/** A text whose link preview the sender has made himself. */
export interface SendLinkPreview extends SendOptions {
  readonly text: string;
  readonly preview: {
    readonly url: string;
    readonly title: string;
    readonly description?: string;
    readonly image?: Uint8Array;
  };
  /** Uploads the image in full, too. */
  readonly highQuality?: boolean;
}

/** Messages that are more than a text. */
export interface Contents {
  sendLocation(location: SendLocation): Promise<WAMessage>;
  sendContacts(contacts: SendContacts): Promise<WAMessage>;
  sendPoll(poll: SendPoll): Promise<WAMessage>;
  sendList(list: SendList): Promise<WAMessage>;
  /** Most phones no longer show them. */
  sendButtons(buttons: SendButtons): Promise<WAMessage>;
  sendLinkPreview(message: SendLinkPreview): Promise<WAMessage>;
}
