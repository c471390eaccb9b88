import { type Egress, named, type Sessions, Type } from 'waha-runtime';
import { pictureExample } from './examples.ts';
import { BinaryFile, RemoteFile } from './fetch.ts';

export const MAX_PICTURE_BYTES = 16 * 1024 * 1024;

/** A new picture of the account, or of a group. */
export const ProfilePictureRequest = named(
  'ProfilePictureRequest',
  Type.Object({
    file: Type.Union([RemoteFile, BinaryFile], {
      description: 'At most 16 MB; it is cut square',
      examples: [pictureExample],
    }),
  }),
);

/** What operations with pictures work with. */
export interface PictureOptions {
  readonly sessions: Sessions;
  readonly http: Egress;
}
