import type { proto } from '@whiskeysockets/baileys';
import { unwrapped } from './parts.ts';

/** The kind of file that the stanza of a message names (`mediatype`); undefined for a message without one. */
export const mediaTypeOf = (message: proto.IMessage): string | undefined => {
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

/** The attribute `type` of the stanza of a message. */
export const stanzaTypeOf = (message: proto.IMessage): string => {
  const content = unwrapped(message);
  if (content.reactionMessage || content.encReactionMessage) return 'reaction';
  const { pollCreationMessage, pollCreationMessageV2, pollCreationMessageV3, pollUpdateMessage } = content;
  if (pollCreationMessage || pollCreationMessageV2 || pollCreationMessageV3 || pollUpdateMessage) return 'poll';
  if (content.eventMessage) return 'event';
  return mediaTypeOf(message) === undefined ? 'text' : 'media';
};
