import { stat } from 'node:fs/promises';
import { type AnyMediaMessageContent, extractImageThumb, getAudioDuration } from '@whiskeysockets/baileys';
import { badRequest, type SendFile, sentence, unavailable, type WAMessage } from 'waha-runtime';
import type { Attachments } from 'waha-runtime/engine';
import { flatWaveform, soundOf } from '../media/waveform.ts';
import { jidOf, kindOfChat } from '../messages/ids.ts';
import { checkText } from './messages.ts';
import { mentionsOf, type Sender } from './sender.ts';

/**
 * A voice message is decoded for its waveform: 11 MB of samples for a minute of Opus. A larger file than this (bytes), some
 * five minutes, goes out with a flat one.
 */
const MOST_DECODED = 1_500_000;

/** Pictures, videos, voice messages and documents. */
export class BaileysAttachments implements Attachments {
  readonly #sender: Sender;

  constructor(sender: Sender) {
    this.#sender = sender;
  }

  async send(file: SendFile): Promise<WAMessage> {
    const { chatId, id, replyTo, caption } = file;
    if (caption) checkText(caption, 'caption');
    const jid = jidOf(chatId);
    const mentions = await mentionsOf(file.mentions, jid, this.#sender.options);
    const looks = kindOfChat(chatId) === 'channels' ? await channelLooks(file) : {};
    const media = { ...(await mediaContentOf(file)), ...looks, ...mentions } as AnyMediaMessageContent;
    return uploaded(() => this.#sender.send({ jid, id, replyTo, content: () => media }));
  }
}

/** A file as Baileys' content. */
export const mediaContentOf = async (file: Omit<SendFile, 'chatId'>) => {
  const { content } = file;
  if ('length' in content && content.length === 0) throw badRequest('file must not be empty');
  if (file.kind !== 'voice') return contentOf(file);
  if ((await sizeOf(content)) > MOST_DECODED) return { ...contentOf(file), waveform: flatWaveform() };
  const { bars, seconds } = await soundOf(content);
  // Phones show no message of no length.
  const length = seconds === undefined ? {} : { seconds: Math.max(1, Math.round(seconds)) };
  return { ...contentOf(file), waveform: bars, ...length };
};

/** Sends what has a file. `UNAVAILABLE` when no media host took it: then nothing was sent. */
export const uploaded = async <T>(send: () => Promise<T>): Promise<T> => {
  try {
    return await send();
  } catch (error) {
    // Baileys' words.
    if (!sentence(error).includes('Media upload failed')) throw error;
    throw unavailable("WhatsApp's media servers did not take the file");
  }
};

/** What Baileys adds to a file for people and groups, and not for channels: a small picture, how long it sounds. */
const channelLooks = async ({ kind, content }: SendFile): Promise<object> => {
  const source = content instanceof Uint8Array ? Buffer.from(content) : content.path;
  if (kind === 'image') {
    const small = await extractImageThumb(source).catch(() => null);
    return small ? { jpegThumbnail: small.buffer, ...small.original } : {};
  }
  if (kind !== 'voice') return {};
  const seconds = await getAudioDuration(source).catch(() => undefined);
  return seconds === undefined ? {} : { seconds: Math.round(seconds) };
};

const sizeOf = async (content: SendFile['content']): Promise<number> =>
  content instanceof Uint8Array ? content.length : (await stat(content.path)).size;

const contentOf = ({ kind, content, mimetype, filename, caption, asNote, animated }: Omit<SendFile, 'chatId'>) => {
  const inMemory = content instanceof Uint8Array;
  const media = inMemory ? Buffer.from(content.buffer, content.byteOffset, content.byteLength) : { url: content.path };
  const text = caption ? { caption } : {};
  switch (kind) {
    case 'image':
      return { image: media, mimetype, ...text };
    case 'video':
      return { video: media, mimetype, ptv: asNote === true, ...text };
    case 'voice':
      return { audio: media, mimetype, ptt: true };
    case 'sticker':
      return { sticker: media, mimetype, isAnimated: animated === true };
    case 'file':
      return { document: media, mimetype, fileName: filename ?? 'file', ...text };
  }
};
