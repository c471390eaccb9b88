/** What an account shows of itself. */
export interface OwnProfile {
  /** `<phone>@c.us`. */
  readonly id: string;
  readonly name: string;
  /** URL of the picture; null when there is none. It lasts a few days. */
  readonly picture: string | null;
}

/** The account's own name, about and picture. */
export interface Profile {
  get(): Promise<OwnProfile>;
  /** Rejects with `BAD_REQUEST` when it is empty, or longer than WhatsApp takes. */
  setName(name: string): Promise<void>;
  /** An empty one is allowed. Rejects with `BAD_REQUEST` when it is longer than WhatsApp takes. */
  setAbout(text: string): Promise<void>;
  /** Any image that can be read: it is cut square and made a JPEG. Rejects with `UNPROCESSABLE` for what is none. */
  setPicture(image: Uint8Array): Promise<void>;
  removePicture(): Promise<void>;
}
