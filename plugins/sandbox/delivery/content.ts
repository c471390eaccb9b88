import type { proto } from '@whiskeysockets/baileys';
import { normalizeMessageContent } from '@whiskeysockets/baileys';

/** The text of a message: its body, or the caption of its media. */
export function textOf(message: proto.IMessage): string | undefined {
  const inner = normalizeMessageContent(message) ?? message;
  const captioned = inner.imageMessage ?? inner.videoMessage ?? inner.documentMessage;
  return inner.conversation || inner.extendedTextMessage?.text || captioned?.caption || undefined;
}

/** A text or a whole message, as a message. */
export const messageOf = (content: string | proto.IMessage): proto.IMessage =>
  typeof content === 'string' ? { conversation: content } : content;

/** The `mediatype` of a message with a file: of a channel's post, on its content (whatsmeow `getMediaTypeFromMessage`). */
export function mediaTypeOf(message: proto.IMessage): string | undefined {
  const inner = normalizeMessageContent(message) ?? message;
  if (inner.imageMessage) return 'image';
  if (inner.videoMessage) return inner.videoMessage.gifPlayback ? 'gif' : 'video';
  if (inner.ptvMessage) return 'ptv';
  if (inner.audioMessage) return inner.audioMessage.ptt ? 'ptt' : 'audio';
  if (inner.documentMessage) return 'document';
  return inner.stickerMessage ? 'sticker' : undefined;
}

/** The `type` attribute of a message stanza (what Baileys' `getMessageType` writes). */
export function stanzaTypeOf(message: proto.IMessage): string {
  const inner = normalizeMessageContent(message) ?? message;
  if (inner.reactionMessage || inner.encReactionMessage) return 'reaction';
  if (inner.pollCreationMessage || inner.pollCreationMessageV3 || inner.pollUpdateMessage) return 'poll';
  if (inner.eventMessage) return 'event';
  const media =
    inner.imageMessage ??
    inner.videoMessage ??
    inner.audioMessage ??
    inner.documentMessage ??
    inner.stickerMessage ??
    inner.contactMessage ??
    inner.liveLocationMessage;
  return media ? 'media' : 'text';
}
