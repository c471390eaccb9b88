/** A message that was sent or received, kept for retries and quotes. */
export interface StoredMessage {
  readonly chatId: string;
  /** WhatsApp's own id. */
  readonly id: string;
  readonly fromMe: boolean;
  readonly participant: string | null;
  /** Seconds. */
  readonly timestamp: number;
  /** The engine's own encoding. */
  readonly data: Uint8Array;
}

/** A message of a session that keeps everything. */
export interface LibraryMessage extends StoredMessage {
  /** WAHA's number of the furthest step: -1 refused, 0 pending, 1 server, 2 device, 3 read, 4 played. */
  readonly ack: number;
  /** False for what is only kept to be sent again, and for what was revoked: no reading operation shows it. */
  readonly listed: boolean;
  /** Sent through this API. */
  readonly viaApi: boolean;
  /** Orders what is of the same second, in a history; the order of arrival when absent. */
  readonly sequence?: number;
}

/** A chat as the session's library keeps it. */
export interface StoredChat {
  readonly id: string;
  /** As the phone calls it; null for people, whose names are those of contacts. */
  readonly name: string | null;
  /** Of the newest message, in seconds; 0 when there is none. */
  readonly timestamp: number;
  /** -1: marked as unread by hand. */
  readonly unread: number;
  readonly archived: boolean;
  /** Since when it is pinned, in seconds; 0 when it is not. */
  readonly pinned: number;
  /** Until when it is muted, in seconds; -1 for ever, 0 when it is not. */
  readonly mutedUntil: number;
}

/** A person as the session's library keeps it. */
export interface StoredContact {
  /** The phone's form where it is known. */
  readonly id: string;
  /** In the phone's address book. */
  readonly name: string | null;
  /** What they call themselves. */
  readonly pushName: string | null;
  /** Of a business. */
  readonly verifiedName: string | null;
}

/** The two names of one person: `<n>@lid` and `<phone>@c.us`. */
export interface LidPair {
  readonly lid: string;
  readonly pn: string;
}

/** A label of WhatsApp Business as it is kept. */
export interface StoredLabel {
  readonly id: string;
  readonly name: string;
  /** WhatsApp's number of the colour. */
  readonly color: number;
}

/** A label on a chat, or with a `messageId` on one message of it. */
export interface LabelLink {
  readonly labelId: string;
  readonly chatId: string;
  readonly messageId?: string;
}

type News<T extends { readonly id: string }> = Pick<T, 'id'> & Partial<Omit<T, 'id'>>;

/** What became known; fields that are absent stay as they are. */
export interface LibraryNews {
  /** One that is known already is left as it is. */
  readonly messages?: readonly LibraryMessage[];
  /** This is of today: messages of others make their chats unread, and what a person's chat becomes, it becomes under both names. */
  readonly live?: boolean;
  /** Steps of our own messages; only forwards, and a refusal only before the server took it. */
  readonly acks?: readonly { readonly id: string; readonly ack: number }[];
  readonly chats?: readonly News<StoredChat>[];
  readonly removedChats?: readonly string[];
  readonly contacts?: readonly News<StoredContact>[];
  readonly lids?: readonly LidPair[];
  readonly labels?: readonly StoredLabel[];
  readonly removedLabels?: readonly string[];
  readonly labelled?: readonly LabelLink[];
  readonly unlabelled?: readonly LabelLink[];
}

export interface Page {
  readonly limit?: number;
  readonly offset?: number;
  readonly descending?: boolean;
}

export interface ChatQuery extends Page {
  readonly sortBy?: 'timestamp' | 'name' | 'id';
  /** Of the two chats of one person only the one with the newest message. */
  readonly merge?: boolean;
  readonly ids?: readonly string[];
}

export interface MessageQuery extends Page {
  /** The chats to read as one: both names of a person. Every chat when absent. */
  readonly chatIds?: readonly string[];
  /** Seconds, inclusive. */
  readonly from?: number;
  readonly to?: number;
  readonly fromMe?: boolean;
  readonly ack?: number;
}

/** What a connection has yet to do, such as parts of the history that are not read yet. Opaque to the store. */
export interface PendingJob {
  readonly id: string;
  readonly data: Uint8Array;
}

/**
 * Everything that a session with `noweb.store.enabled` keeps: chats, messages, contacts, the two names of people, labels.
 * Ids are in WAHA's form. Writes of one session take effect in the order of the calls, many in one commit; they resolve
 * when they are durable and reject with `STORAGE_FAILED`.
 */
export interface SessionLibrary {
  add(news: LibraryNews): Promise<void>;
  /** Changes stored messages: `change` gets each one of this id, in whichever chat, and leaves it with null. */
  change(
    target: { readonly id: string },
    change: (message: LibraryMessage) => Partial<Pick<LibraryMessage, 'data' | 'listed'>> | null,
  ): Promise<void>;

  chats(query: ChatQuery): Promise<StoredChat[]>;
  /** By time, newest first unless asked otherwise; only what is listed. */
  messages(query: MessageQuery): Promise<LibraryMessage[]>;
  /** A listed message of one of these chats. */
  message(chatIds: readonly string[], id: string, fromMe?: boolean): Promise<LibraryMessage | null>;
  contacts(page: Page & { readonly sortBy?: 'id' | 'name' }): Promise<StoredContact[]>;
  contactsOf(ids: readonly string[]): Promise<StoredContact[]>;
  lids(page: Page): Promise<LidPair[]>;
  countLids(): Promise<number>;
  /** The pairs that one of these ids, of either kind, is part of. */
  pairsOf(ids: readonly string[]): Promise<LidPair[]>;
  labels(): Promise<StoredLabel[]>;
  /** What is labelled: all of a label, or all labels of a chat. */
  labelLinks(of: { readonly labelId: string } | { readonly chatId: string }): Promise<LabelLink[]>;

  pendingJobs(): Promise<PendingJob[]>;
  putPendingJob(job: PendingJob): Promise<void>;
  removePendingJob(id: string): Promise<void>;
}
