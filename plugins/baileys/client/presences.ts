import type { PresenceData } from '@whiskeysockets/baileys';
import type { PresencePayload, Presences } from 'waha-runtime/engine';
import type { BaileysSocket } from '../connection/socket-options.ts';
import { chatIdOf, isMany, jidOf } from '../ids.ts';
import { Recent } from '../recent.ts';
import type { Outgoing } from './outgoing.ts';
import { presencePayload } from './presence.ts';

const CHATS = 1000;
/** How long WhatsApp may take to tell what somebody does who was not asked about before. */
const PATIENCE_MS = 1500;

type People = ReadonlyMap<string, PresencePayload['presences'][number]>;

/** What was heard of others in this connection: each person's latest. */
export class HeardPresences {
  readonly #chats = new Recent<People>(CHATS);
  readonly #waiting = new Set<() => void>();

  constructor({ ev }: Pick<BaileysSocket, 'ev'>) {
    ev.on('presence.update', ({ id, presences }) => this.#hear(id, presences));
  }

  of(chatId: string): PresencePayload | undefined {
    const people = this.#chats.get(chatId);
    return people && { id: chatId, presences: [...people.values()] };
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
    for (const one of presences) people.set(one.participant, one);
    this.#chats.set(id, people);
    for (const done of [...this.#waiting]) done();
  }
}

/** Asks WhatsApp what others are doing. */
export class BaileysPresences implements Presences {
  readonly #outgoing: Outgoing;
  readonly #heard: HeardPresences;
  readonly #subscribed = new Recent<true>(CHATS);

  constructor(outgoing: Outgoing, heard: HeardPresences) {
    this.#outgoing = outgoing;
    this.#heard = heard;
  }

  async list(): Promise<PresencePayload[]> {
    return this.#heard.list();
  }

  async get(chatId: string): Promise<PresencePayload> {
    const jid = jidOf(chatId);
    const isNew = !this.#subscribed.has(jid);
    if (isNew) await this.subscribe(chatId);
    const names = await this.#namesOf(jid);
    const known = () => names.map((name) => this.#heard.of(name)).find((found) => found !== undefined);
    if (isNew && !known()) await this.#heard.news();
    return { id: chatIdOf(jid), presences: known()?.presences ?? [] };
  }

  async subscribe(chatId: string): Promise<void> {
    const jid = jidOf(chatId);
    await this.#outgoing.call('the subscription', (sock) => sock.presenceSubscribe(jid));
    this.#subscribed.set(jid, true);
  }

  /** WhatsApp may tell of a person under the number or under the hidden id. */
  async #namesOf(jid: string): Promise<string[]> {
    if (isMany(jid)) return [chatIdOf(jid)];
    const other = await this.#outgoing.call('the subscription', ({ signalRepository: { lidMapping } }) =>
      jid.endsWith('@lid') ? lidMapping.getPNForLID(jid) : lidMapping.getLIDForPN(jid),
    );
    return [chatIdOf(jid), ...(other ? [chatIdOf(other)] : [])];
  }
}
