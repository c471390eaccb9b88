import { type BinaryNode, proto } from '@whiskeysockets/baileys';
import { unwrapped } from './parts.ts';

/** What a post in a channel is written with, besides its content. */
export interface ChannelStanza {
  readonly to: string;
  readonly id: string;
  /** What the media server gave for the file. */
  readonly handle?: string | undefined;
  readonly attributes?: Readonly<Record<string, string>>;
}

/**
 * A post as WhatsApp's own clients write it (whatsmeow `sendNewsletter`): the content in clear, with the kind of its file, and the
 * file's handle on the stanza. Baileys leaves both away.
 */
export const channelStanza = (message: proto.IMessage, { to, id, handle, attributes }: ChannelStanza): BinaryNode => {
  const mediatype = mediaTypeOf(message);
  const attrs = { to, id, type: typeOf(message, mediatype), ...(handle ? { media_id: handle } : {}), ...attributes };
  const content = proto.Message.encode(message).finish();
  return { tag: 'message', attrs, content: [{ tag: 'plaintext', attrs: mediatype ? { mediatype } : {}, content }] };
};

const mediaTypeOf = (message: proto.IMessage): string | undefined => {
  const content = unwrapped(message);
  if (content.imageMessage) return 'image';
  if (content.videoMessage) return content.videoMessage.gifPlayback ? 'gif' : 'video';
  if (content.ptvMessage) return 'ptv';
  if (content.audioMessage) return content.audioMessage.ptt ? 'ptt' : 'audio';
  if (content.documentMessage) return 'document';
  if (content.stickerMessage) return 'sticker';
  if (content.contactMessage) return 'vcard';
  if (content.contactsArrayMessage) return 'contact_array';
  if (content.locationMessage) return 'location';
  return content.extendedTextMessage?.title ? 'url' : undefined;
};

const typeOf = (message: proto.IMessage, mediatype: string | undefined): string => {
  const { pollCreationMessage, pollCreationMessageV2, pollCreationMessageV3 } = message;
  if (pollCreationMessage || pollCreationMessageV2 || pollCreationMessageV3) return 'poll';
  return mediatype ? 'media' : 'text';
};
