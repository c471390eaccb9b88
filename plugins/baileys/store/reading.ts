import type { Client } from 'waha-runtime';
import type { Seen } from '../client/seen.ts';
import type { SenderParts } from '../client/sender.ts';
import type { MediaIn } from '../inbound/media.ts';
import { BaileysChatReading } from './chat-reading.ts';
import { BaileysContactReading } from './contact-reading.ts';
import { BaileysLidReading } from './lid-reading.ts';
import { BaileysMessageReading } from './message-reading.ts';

type Reading = Required<Pick<Client, 'chatReading' | 'messageReading' | 'contactReading' | 'lids'>>;

export interface ReadingParts {
  readonly seen: Seen;
  /** A picture that is known already. */
  pictureOf(chatId: string): string | null;
}

/** What of a client reads from the session's store. */
export const storeReading = (
  parts: SenderParts & { readonly media: MediaIn },
  { seen, pictureOf }: ReadingParts,
): Reading => {
  const { history: memory, media, outgoing } = parts;
  const me = () => parts.me()?.id;
  const messages = new BaileysMessageReading({ memory, media, seen, me });
  return {
    chatReading: new BaileysChatReading({ memory, messages, pictureOf }),
    messageReading: messages,
    contactReading: new BaileysContactReading(memory, me),
    lids: new BaileysLidReading(memory, outgoing),
  };
};
