import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { normalizeMessageContent, type proto } from '@whiskeysockets/baileys';
import type { MediaStore } from './media-server.ts';

/** Kinds of media, as the field of `proto.Message` that holds them. */
export type MediaKind = 'image' | 'video' | 'audio' | 'document' | 'sticker';

/** A file that a contact sends. */
export interface Attachment {
  readonly kind: MediaKind;
  readonly bytes: Uint8Array;
  readonly mimetype: string;
  readonly caption?: string;
  readonly filename?: string;
  /** A voice message, of `audio`. */
  readonly voice?: boolean;
}

/** What the keys of a kind are derived with (docs/protocol.md, "Files"). */
const INFO: Record<MediaKind, string> = {
  image: 'WhatsApp Image Keys',
  video: 'WhatsApp Video Keys',
  audio: 'WhatsApp Audio Keys',
  document: 'WhatsApp Document Keys',
  sticker: 'WhatsApp Image Keys',
};

const MAC_LENGTH = 10;

/** Encrypts a file, stores it, and makes the message that points to it. */
export function attach(store: MediaStore, attachment: Attachment, owner?: string): proto.IMessage {
  const stored = seal(store, Buffer.from(attachment.bytes), INFO[attachment.kind], owner);
  return messageFor(store, attachment, { ...stored, mediaKeyTimestamp: Math.floor(Date.now() / 1000) });
}

function messageFor(
  store: MediaStore,
  { kind, mimetype, caption, filename, voice }: Attachment,
  stored: { readonly directPath: string } & proto.Message.IImageMessage,
): proto.IMessage {
  const common = { ...stored, url: store.urlOf(stored.directPath), mimetype };
  const captioned = caption === undefined ? common : { ...common, caption };
  if (kind === 'image') return { imageMessage: captioned };
  if (kind === 'video') return { videoMessage: captioned };
  if (kind === 'audio') return { audioMessage: { ...common, ptt: voice ?? false } };
  if (kind === 'sticker') return { stickerMessage: common };
  return { documentMessage: { ...captioned, fileName: filename ?? 'document' } };
}

/** Stores a file as it is, and makes the message that points to it: in channels nothing is encrypted. */
export function publish(store: MediaStore, attachment: Attachment, owner?: string): proto.IMessage {
  const bytes = Buffer.from(attachment.bytes);
  const fileSha256 = createHash('sha256').update(bytes).digest();
  return messageFor(store, attachment, { directPath: store.put(bytes, owner), fileLength: bytes.length, fileSha256 });
}

/** Encrypts bytes with fresh keys of a kind, stores them, and says what whoever is to read them has to know. */
export function seal(store: MediaStore, bytes: Buffer, info: string, owner?: string) {
  const mediaKey = randomBytes(32);
  const { iv, cipherKey, macKey } = keysOf(info, mediaKey);
  const cipher = createCipheriv('aes-256-cbc', cipherKey, iv);
  const encrypted = Buffer.concat([cipher.update(bytes), cipher.final()]);
  const sealed = Buffer.concat([encrypted, macOf(macKey, iv, encrypted)]);
  return {
    directPath: store.put(sealed, owner),
    mediaKey,
    fileLength: bytes.length,
    fileSha256: createHash('sha256').update(bytes).digest(),
    fileEncSha256: createHash('sha256').update(sealed).digest(),
  };
}

/** Decrypts the file of a message. Throws when there is none, it was not uploaded here, or it was tampered with. */
export function open(store: MediaStore, message: proto.IMessage): Buffer {
  const found = mediaIn(message);
  if (!found) throw new Error('the message has no media');
  const { kind, media } = found;
  const sealed = store.get(media.directPath ?? '');
  if (!sealed) throw new Error('the media was not uploaded to this sandbox');
  const { iv, cipherKey, macKey } = keysOf(INFO[kind], media.mediaKey ?? new Uint8Array());
  const encrypted = sealed.subarray(0, -MAC_LENGTH);
  if (!macOf(macKey, iv, encrypted).equals(sealed.subarray(-MAC_LENGTH))) throw new Error('the media is damaged');
  const decipher = createDecipheriv('aes-256-cbc', cipherKey, iv);
  return Buffer.concat([decipher.update(encrypted), decipher.final()]);
}

/** The file of a message, as far as the message says. */
export function mediaIn(
  message: proto.IMessage,
): { kind: MediaKind; media: { directPath?: string | null; mediaKey?: Uint8Array | null } } | undefined {
  const inner = normalizeMessageContent(message) ?? message;
  if (inner.imageMessage) return { kind: 'image', media: inner.imageMessage };
  if (inner.videoMessage) return { kind: 'video', media: inner.videoMessage };
  if (inner.audioMessage) return { kind: 'audio', media: inner.audioMessage };
  if (inner.stickerMessage) return { kind: 'sticker', media: inner.stickerMessage };
  if (inner.documentMessage) return { kind: 'document', media: inner.documentMessage };
  return undefined;
}

/** HKDF to 112 bytes: 16 of IV, 32 of cipher key, 32 of MAC key; the rest is for nobody here. */
function keysOf(info: string, mediaKey: Uint8Array): { iv: Buffer; cipherKey: Buffer; macKey: Buffer } {
  const keys = Buffer.from(hkdfSync('sha256', mediaKey, Buffer.alloc(0), info, 112));
  return { iv: keys.subarray(0, 16), cipherKey: keys.subarray(16, 48), macKey: keys.subarray(48, 80) };
}

const macOf = (key: Buffer, iv: Buffer, encrypted: Buffer): Buffer =>
  createHmac('sha256', key).update(iv).update(encrypted).digest().subarray(0, MAC_LENGTH);
