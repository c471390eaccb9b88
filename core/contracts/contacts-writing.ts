/** The name that the phone's address book shows for a contact. */
export interface ContactName {
  readonly firstName: string;
  readonly lastName: string;
}

/** The account's address book and block list, and what others say of themselves. */
export interface AddressBook {
  /** What somebody says of itself; null when it hides that. Rejects with `NOT_ON_WHATSAPP`. */
  about(contactId: string): Promise<string | null>;
  /** Adds a contact, or gives it another name, on the phone and all linked devices. */
  rename(contactId: string, name: ContactName): Promise<void>;
  /** Takes no messages and calls from somebody any more, or takes them again. Rejects with `NOT_ON_WHATSAPP`. */
  block(contactId: string, blocked: boolean): Promise<void>;
}

/** Pictures of people and groups. */
export interface Pictures {
  /**
   * URL of the picture; null when there is none, or its owner hides it. Remembered for a day, or until WhatsApp says that
   * it changed; `refresh` asks WhatsApp again. Errors call the id `field`; `chatId` when absent.
   */
  urlOf(chatId: string, refresh?: boolean, field?: string): Promise<string | null>;
}
