import { type BinaryNode, proto } from '@whiskeysockets/baileys';
import { mediaTypeOf, stanzaTypeOf } from './stanza-type.ts';

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
  const attrs = { to, id, type: stanzaTypeOf(message), ...(handle ? { media_id: handle } : {}), ...attributes };
  const content = proto.Message.encode(message).finish();
  return { tag: 'message', attrs, content: [{ tag: 'plaintext', attrs: mediatype ? { mediatype } : {}, content }] };
};
