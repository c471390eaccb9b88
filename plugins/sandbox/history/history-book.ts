import { proto } from '@whiskeysockets/baileys';
import { attach } from '../files/attachments.ts';
import { lidJid, pnJid } from '../wire/jids.ts';
import type { Person } from '../world/people.ts';
import type { World } from '../world/world.ts';

const DAY_S = 24 * 60 * 60;
/** Messages of a history spread over so many days; older ones lie before three months. */
const RECENT_DAYS = 80;
const OLD_DAYS = 100;
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC';

/** What a phone remembers of its past, and hands to devices that are linked. */
export interface HistorySpec {
  readonly chats: number;
  /** In all chats together. */
  readonly messages: number;
  /** How many of the chats are groups; 0 by default. */
  readonly groups?: number;
  /** How many of the chats with people go by hidden ids; 0 by default. */
  readonly lids?: number;
  /** How many of the messages are pictures; 0 by default. */
  readonly media?: number;
  /** How many messages more are older than three months: only clients that ask for all of it get them. */
  readonly older?: number;
  /** How many messages one part holds at most; 5000 by default. */
  readonly perPart?: number;
}

interface Chat {
  readonly index: number;
  /** Whom it is with; undefined for a group. */
  readonly number: string | undefined;
  readonly jid: string;
}

/** Messages of a chat, oldest first: so many from `first` on, one for each of all chats. */
interface Stretch {
  readonly first: number;
  readonly count: number;
}

/**
 * A made-up past that follows from its size: message k is in chat k modulo the number of chats, every third is our own,
 * and the newest one is a minute old.
 */
export class HistoryBook {
  readonly #world: World;
  readonly #person: Person;
  readonly #spec: Required<HistorySpec>;
  readonly #chats: readonly Chat[];
  readonly #picture: proto.IMessage | undefined;
  readonly #now: number;

  constructor(world: World, person: Person, spec: HistorySpec) {
    this.#world = world;
    this.#person = person;
    this.#spec = { groups: 0, lids: 0, media: 0, older: 0, perPart: 5000, ...spec };
    this.#chats = Array.from({ length: spec.chats }, (_, index) => this.#chat(index));
    this.#now = world.seconds();
    const bytes = Buffer.from(PIXEL, 'base64');
    const picture = { kind: 'image', bytes, mimetype: 'image/png', caption: 'a picture' } as const;
    this.#picture = this.#spec.media > 0 ? attach(world.media, picture, person.number) : undefined;
  }

  /** Every chat with its newest message, and who is who. */
  beginning(): Pick<proto.IHistorySync, 'conversations' | 'phoneNumberToLidMappings'> {
    const people = this.#chats.flatMap(({ number }) => (number === undefined ? [] : [number]));
    return {
      conversations: this.#chats.map((chat) => this.#conversation(chat, this.#newest(this.#ofChat(chat), 1))),
      phoneNumberToLidMappings: people.flatMap((number) => this.#mapping(number) ?? []),
    };
  }

  names(): proto.IPushname[] {
    return this.#chats.flatMap(({ number }) =>
      number === undefined ? [] : [{ id: pnJid(number), pushname: this.#world.person(number).name }],
    );
  }

  /** What is left of the last three months. */
  *recent(): Generator<proto.IConversation[]> {
    yield* this.#parts((chat) => {
      const { first, count } = this.#ofChat(chat);
      return { first, count: Math.max(0, count - 1) };
    });
  }

  *older(): Generator<proto.IConversation[]> {
    const { messages, older } = this.#spec;
    yield* this.#parts(({ index }) => this.#stretch(messages, messages + older, index));
  }

  /** A chat that is larger than a part goes on in the next one. */
  *#parts(stretchOf: (chat: Chat) => Stretch): Generator<proto.IConversation[]> {
    const { perPart } = this.#spec;
    let part: proto.IConversation[] = [];
    let size = 0;
    for (const chat of this.#chats) {
      const { first, count } = stretchOf(chat);
      for (let left = count; left > 0; left -= perPart) {
        const newest = this.#newest({ first, count: left }, perPart);
        if (size > 0 && size + newest.count > perPart) {
          yield part;
          [part, size] = [[], 0];
        }
        part.push(this.#conversation(chat, newest));
        size += newest.count;
      }
    }
    if (size > 0) yield part;
  }

  #chat(index: number): Chat {
    const { groups, lids } = this.#spec;
    if (index < groups) return { index, number: undefined, jid: `${120363000000000000n + BigInt(index)}@g.us` };
    const number = memberOf(index);
    return { index, number, jid: index < groups + lids && this.#world.hasHiddenIds ? lidJid(number) : pnJid(number) };
  }

  #ofChat({ index }: Chat): Stretch {
    return this.#stretch(0, this.#spec.messages, index);
  }

  #stretch(from: number, to: number, chat: number): Stretch {
    const { chats } = this.#spec;
    const first = from + ((((chat - from) % chats) + chats) % chats);
    return { first, count: Math.max(0, Math.ceil((to - first) / chats)) };
  }

  #newest({ first, count }: Stretch, most: number): Stretch {
    const left = Math.max(0, count - most);
    return { first: first + left * this.#spec.chats, count: count - left };
  }

  /** Newest first, as phones have it. */
  #conversation(chat: Chat, { first, count }: Stretch): proto.IConversation {
    const { index, number, jid } = chat;
    const { chats } = this.#spec;
    const newest = this.#newest(this.#ofChat(chat), 1);
    return {
      id: jid,
      messages: Array.from({ length: count }, (_, at) => first + (count - 1 - at) * chats).map((k) => ({
        message: this.#message(k, chat),
        msgOrderId: k,
      })),
      unreadCount: index % 5 === 0 ? 1 : 0,
      archived: index % 10 === 9,
      ...(newest.count === 0 ? {} : { conversationTimestamp: this.#timeOf(newest.first) }),
      ...(number === undefined ? { name: `Group ${index}` } : this.#mapping(number)),
    };
  }

  #mapping(number: string): { pnJid: string; lidJid: string } | undefined {
    return this.#world.hasHiddenIds ? { pnJid: pnJid(number), lidJid: lidJid(number) } : undefined;
  }

  #message(k: number, { number, jid }: Chat): proto.IWebMessageInfo {
    const fromMe = k % 3 === 0;
    const author = number === undefined && !fromMe ? { participant: pnJid(memberOf(k % 5)) } : {};
    const text = { conversation: `message ${k} of the history` };
    return {
      key: {
        remoteJid: jid,
        fromMe,
        id: `3AF0${this.#person.number.slice(-6)}${k.toString(16).padStart(8, '0').toUpperCase()}`,
      },
      message: k < this.#spec.media && this.#picture ? this.#picture : text,
      messageTimestamp: this.#timeOf(k),
      status: fromMe ? proto.WebMessageInfo.Status.READ : proto.WebMessageInfo.Status.DELIVERY_ACK,
      ...author,
    };
  }

  #timeOf(k: number): number {
    const { messages, older } = this.#spec;
    if (k >= messages) return this.#now - OLD_DAYS * DAY_S - (older - (k - messages)) * 60;
    return this.#now - 60 - Math.floor(((messages - 1 - k) * RECENT_DAYS * DAY_S) / messages);
  }
}

/** Somebody who is in the history. */
const memberOf = (index: number): string => String(4_917_000_000_000 + index);
