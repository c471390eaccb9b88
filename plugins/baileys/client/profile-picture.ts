import { generateProfilePicture } from '@whiskeysockets/baileys';
import { sentence, unprocessable } from 'waha-runtime';
import { askServer } from '../socket/server-queries.ts';
import type { BaileysSocket } from '../socket/socket.ts';

/** First bytes of what is read as a picture. Anything else, SVG and PDF above all, does not reach the image library. */
const signatures = [/^\xff\xd8\xff/, /^\x89PNG\r\n/, /^GIF8/, /^RIFF.{4}WEBP/s, /^.{4}ftyp(avif|heic|heix|mif1)/s];

/** The picture as WhatsApp wants it: square, 640 × 640, a JPEG. Rejects with `UNPROCESSABLE` for what cannot be read. */
export const squareJpeg = async (image: Uint8Array): Promise<Buffer> => {
  const bytes = Buffer.from(image.buffer, image.byteOffset, image.byteLength);
  const head = bytes.subarray(0, 16).toString('latin1');
  if (!signatures.some((signature) => signature.test(head)))
    throw unprocessable('file must be a JPEG, PNG, WebP, GIF or AVIF picture');
  try {
    return (await generateProfilePicture(bytes)).img;
  } catch (error) {
    throw unprocessable(`file cannot be read as a picture: ${sentence(error)}`);
  }
};

/** Sets the account's own picture, or that of a group; null takes it away. */
export const putPicture = async (sock: BaileysSocket, jpeg: Buffer | null, group?: string): Promise<void> => {
  const attrs = { type: 'set', xmlns: 'w:profile:picture', ...(group ? { target: group } : {}) };
  await askServer(sock, attrs, jpeg ? { tag: 'picture', attrs: { type: 'image' }, content: jpeg } : null);
};
