import { proto } from '@whiskeysockets/baileys';
import { badRequest } from 'waha-runtime';
import type { Sent } from '../delivery/prepared.ts';
import type { Attachment } from '../files/attachments.ts';
import type { Contact } from '../people/contact.ts';
import type { SendBody } from './message-schemas.ts';

/** Sends as a contact what a request says. */
export async function send(contact: Contact, body: SendBody): Promise<Sent> {
  const { to, text, media, id, chat, attrs, edit, unavailable } = body;
  const options = { ...(id === undefined ? {} : { id }), ...(attrs ? { attrs } : {}) };
  if (unavailable !== undefined) return contact.sendUnavailable(to, unavailable, options);
  if (media) return contact.sendMedia(to, attachmentOf(media, text), options);
  const content = contentOf(body);
  if (edit) return contact.edit(to, edit.id, content, { sealed: edit.sealed, kind: edit.kind, ...options });
  return chat === undefined ? contact.send(to, content, options) : contact.sendToMany(chat, to, content);
}

/** The text, or any message that the protocol has. A field that it does not have is the caller's mistake. */
function contentOf({ text, message }: SendBody): string | proto.IMessage {
  if (message) return messageOf(message);
  if (text === undefined) throw badRequest('text, media or message is required');
  return text;
}

function messageOf(json: Record<string, unknown>): proto.IMessage {
  const unknown = Object.keys(json).find((name) => !(name in proto.Message.prototype));
  if (unknown !== undefined) throw badRequest(`message.${unknown} is no type of message`);
  try {
    const message = proto.Message.fromObject(json);
    // An enum or a number that cannot be written shows here.
    proto.Message.encode(message).finish();
    return message;
  } catch (error) {
    throw badRequest(`message: ${error instanceof Error ? error.message : String(error)}`);
  }
}

export const attachmentOf = (media: NonNullable<SendBody['media']>, caption: string | undefined): Attachment => ({
  ...media,
  bytes: Buffer.from(media.data, 'base64'),
  ...(caption === undefined ? {} : { caption }),
});
