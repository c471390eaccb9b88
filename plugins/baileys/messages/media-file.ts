import { hkdfSync } from 'node:crypto';
import type { proto, WAMessage as RawMessage } from '@whiskeysockets/baileys';
import { numberOf } from '../json-safe.ts';
import { contentOf } from './content.ts';
import type { FileKind } from './content-type.ts';
import { partsOf } from './parts.ts';

/** The file of a message, as the message describes it. */
export interface MediaFile {
  readonly kind: FileKind;
  readonly mimetype: string | null;
  readonly filename: string | null;
  /** Bytes; null when the message does not say. */
  readonly size: number | null;
  /** Null in channels, whose files are not encrypted. */
  readonly mediaKey: Uint8Array | null;
  readonly directPath: string | null;
  readonly url: string | null;
  /** Of the content. */
  readonly sha256: Uint8Array | null;
  /** Of what the media server has. */
  readonly sealedSha256: Uint8Array | null;
}

/** The keys of one encrypted file. */
export interface MediaKeys {
  readonly iv: Buffer;
  readonly cipherKey: Buffer;
  readonly macKey: Buffer;
}

type Part = proto.Message.IImageMessage &
  Pick<proto.Message.IDocumentMessage, 'fileName'> & { readonly mimetype?: string | null };

/** The first file that a message carries; null when it carries none. */
export const mediaFileOf = (raw: RawMessage): MediaFile | null => {
  for (const { type, value } of partsOf(contentOf(raw))) if (type.file) return described(type.file, value as Part);
  return null;
};

const described = (kind: FileKind, part: Part): MediaFile => ({
  kind,
  mimetype: part.mimetype || null,
  filename: part.fileName || null,
  size: part.fileLength == null ? null : numberOf(part.fileLength),
  mediaKey: bytesOf(part.mediaKey),
  directPath: part.directPath || null,
  url: part.url || null,
  sha256: bytesOf(part.fileSha256),
  sealedSha256: bytesOf(part.fileEncSha256),
});

const bytesOf = (value: Uint8Array | null | undefined): Uint8Array | null => (value && value.length > 0 ? value : null);

/** HKDF to 112 bytes: 16 of IV, 32 of cipher key, 32 of MAC key; the rest is for streaming, which nobody does here. */
export const mediaKeysOf = (kind: FileKind, mediaKey: Uint8Array): MediaKeys => {
  const keys = Buffer.from(hkdfSync('sha256', mediaKey, Buffer.alloc(0), `WhatsApp ${kind} Keys`, 112));
  return { iv: keys.subarray(0, 16), cipherKey: keys.subarray(16, 48), macKey: keys.subarray(48, 80) };
};
