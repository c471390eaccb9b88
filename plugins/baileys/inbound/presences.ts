import type { PresenceData, WAMessageKey, WAPresence } from '@whiskeysockets/baileys';
import type { PresencePayload } from 'waha-runtime';
import type { People } from '../identity/people.ts';
import { chatIdOf } from '../messages/ids.ts';
import { Recent } from '../recent.ts';
import type { BaileysSocket } from '../socket/socket.ts';

const CHATS = 1000;
/** How long WhatsApp may take to tell what somebody does who was not asked about before. */
const PATIENCE_MS = 1500;

/** Who types says so again every few seconds; WhatsApp's clients stop showing it when nothing comes for this long. */
const BUSY_MS = 25_000;

type Presence = PresencePayload['presences'][number];
type Heard = Presence & {
  /** When it was heard (ms since the epoch). */
  readonly at: number;
};
type InChat = Map<string, Heard>;

const isBusy = ({ lastKnownPresence: state }: Presence): boolean => state === 'typing' || state === 'recording';

/** What was heard of others in this connection: each person's latest. */
export class HeardPresences {
  readonly #chats = new Recent<InChat>(CHATS);
  readonly #waiting = new Set<() => void>();
  readonly #now: () => number;

  constructor({ ev }: Pick<BaileysSocket, 'ev'>, now: () => number = Date.now) {
    this.#now = now;
    ev.on('presence.update', ({ id, presences }) => this.#hear(id, presences));
    ev.on('messages.upsert', ({ messages }) => {
      if (this.#chats.size === 0) return;
      for (const { key } of messages) if (!key.fromMe) this.#wrote(key);
    });
  }

  of(chatId: string): PresencePayload | undefined {
    const people = this.#chats.get(chatId);
    return people && { id: chatId, presences: [...people.values()].map((heard) => this.#shown(heard)) };
  }

  /** What was heard last of a chat that goes by these names: WhatsApp tells of a person now by one, now by the other. */
  newest(chatIds: readonly string[]): PresencePayload | undefined {
    const last = this.#chats.keys().findLast((chatId) => chatIds.includes(chatId));
    return last === undefined ? undefined : this.of(last);
  }

  #shown({ at, ...presence }: Heard): Presence {
    const isOver = isBusy(presence) && this.#now() - at > BUSY_MS;
    return isOver ? { ...presence, lastKnownPresence: 'paused' } : presence;
  }

  /** Whoever wrote has stopped typing: WhatsApp does not say so, its clients conclude it. */
  #wrote({ remoteJid, remoteJidAlt, participant, participantAlt }: WAMessageKey): void {
    const author = [participant, participantAlt, ...(participant ? [] : [remoteJid, remoteJidAlt])];
    const names = new Set(author.flatMap((name) => (name ? [chatIdOf(name)] : [])));
    for (const chat of [remoteJid, remoteJidAlt].flatMap((jid) => (jid ? [chatIdOf(jid)] : []))) {
      const people = this.#chats.get(chat);
      for (const [name, heard] of people ?? []) {
        if (names.has(name) && isBusy(heard)) people?.set(name, { ...heard, lastKnownPresence: 'paused' });
      }
    }
  }

  list(): PresencePayload[] {
    return this.#chats.keys().flatMap((chatId) => this.of(chatId) ?? []);
  }

  /** Resolves at the next news, or after a while. */
  news(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, PATIENCE_MS);
      this.#waiting.add(done);
    });
  }

  #hear(jid: string, news: Record<string, PresenceData>): void {
    const { id, presences } = presencePayload(jid, news);
    const people = new Map(this.#chats.get(id));
    for (const one of presences) people.set(one.participant, { ...one, at: this.#now() });
    this.#chats.set(id, people);
    for (const done of [...this.#waiting]) done();
  }
}

type KnownPresence = PresencePayload['presences'][number]['lastKnownPresence'];
const fromWhatsApp: Record<WAPresence, KnownPresence> = {
  available: 'online',
  unavailable: 'offline',
  composing: 'typing',
  recording: 'recording',
  paused: 'paused',
};

/** The same with the other name of each person, where it is known. */
export const withBothIds = async (payload: PresencePayload, people: Pick<People, 'of'>): Promise<PresencePayload> => {
  const named = payload.presences.map(async ({ participant, ...presence }) => {
    const identity = await people.of(participant);
    const other = [identity?.lid, identity?.pn].find((name) => name && name !== participant);
    return {
      participant,
      ...(other ? { participantAlt: other } : {}),
      ...(identity ? { participantIdentity: identity } : {}),
      ...presence,
    };
  });
  return { ...payload, presences: await Promise.all(named) };
};

/** What others are doing, as WAHA tells it. */
export const presencePayload = (jid: string, presences: Record<string, PresenceData>): PresencePayload => ({
  id: chatIdOf(jid),
  presences: Object.entries(presences).map(([participant, { lastKnownPresence, lastSeen }]) => ({
    participant: chatIdOf(participant),
    lastKnownPresence: fromWhatsApp[lastKnownPresence] ?? 'offline',
    lastSeen: lastSeen ?? null,
  })),
});
