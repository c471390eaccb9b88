import { Identity } from './message.ts';
import { named, Type, type ValueOf } from './schema.ts';

/** What an account shows of itself. */
export const OwnProfile = named(
  'MyProfile',
  Type.Object({
    id: Type.String({ examples: ['11111111111@c.us'] }),
    identity: Type.Optional(Identity),
    name: Type.String(),
    picture: Type.Union([Type.String(), Type.Null()], {
      description: 'URL of the picture, which is valid for a few days; null if there is no picture',
    }),
  }),
);
export type OwnProfile = ValueOf<typeof OwnProfile>;

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
