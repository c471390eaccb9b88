import type { Client } from 'waha-runtime';
import type { MediaIn } from '../../media/media-in.ts';
import type { Seen } from '../seen.ts';
import type { SenderOptions } from '../sender.ts';
import { BaileysChatReading } from './chat-reading.ts';
import { BaileysContactReading } from './contact-reading.ts';
import { BaileysLidReading } from './lid-reading.ts';
import { LongLists } from './long-lists.ts';
import { BaileysMessageReading } from './message-reading.ts';

type Reading = Required<Pick<Client, 'chatReading' | 'messageReading' | 'contactReading' | 'lids'>>;

export interface ReadingOptions {
  readonly seen: Seen;
  /** A picture that is known already. */
  pictureOf(chatId: string): string | null;
}

/** What of a client reads from the session's store. */
export const storeReading = (
  options: SenderOptions & { readonly media: MediaIn },
  { seen, pictureOf }: ReadingOptions,
): Reading => {
  const { messageStore, media, requests } = options;
  const { numbers, names, people } = options.directory;
  const me = () => options.me()?.id;
  const longLists = new LongLists();
  const messages = new BaileysMessageReading({ messageStore, media, numbers, names, seen, longLists, me: options.me });
  return {
    chatReading: new BaileysChatReading({ messageStore, messages, numbers, people, longLists, pictureOf }),
    messageReading: messages,
    contactReading: new BaileysContactReading(messageStore, { numbers, people, longLists, me }),
    lids: new BaileysLidReading({ messageStore, requests, numbers, longLists }),
  };
};
