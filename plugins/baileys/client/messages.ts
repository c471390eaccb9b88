import { badRequest, type WAMessage } from 'waha-runtime';
import type { Messages, SendSeen, SendText } from 'waha-runtime/engine';
import { jidOf } from '../messages/ids.ts';
import type { Seen } from './seen.ts';
import { mentionsOf, type Sender } from './sender.ts';

/** What WhatsApp's own clients let one write. */
const LONGEST_TEXT = 65_536;

/** Sending texts, and marking. */
export class BaileysMessages implements Messages {
  readonly #sender: Sender;
  readonly #seen: Seen;

  constructor(sender: Sender, seen: Seen) {
    this.#sender = sender;
    this.#seen = seen;
  }

  async sendText({ chatId, text, id, replyTo, mentions, ...wanted }: SendText): Promise<WAMessage> {
    checkText(text);
    const jid = jidOf(chatId);
    const mentioned = await mentionsOf(mentions, jid, this.#sender.options);
    const { previews } = this.#sender.options;
    const content = async (sock: Parameters<NonNullable<typeof previews>['of']>[1]) => {
      const linkPreview = wanted.linkPreview ? await previews?.of(text, sock, wanted.linkPreviewHighQuality) : null;
      return { text, linkPreview: linkPreview ?? null, ...mentioned };
    };
    return this.#sender.send({ jid, id, replyTo, content });
  }

  sendSeen(seen: SendSeen): Promise<void> {
    return this.#seen.send(seen);
  }
}

/** A text that WhatsApp takes, else a `BAD_REQUEST` that names `field`. */
export const checkText = (text: string, field = 'text'): void => {
  if (text === '') throw badRequest(`${field} must not be empty`);
  if (text.length > LONGEST_TEXT) throw badRequest(`${field} must not be longer than ${LONGEST_TEXT} characters`);
};
