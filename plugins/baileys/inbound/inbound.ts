import type { WAMessage as RawMessage } from '@whiskeysockets/baileys';
import type { EventName, EventPayloads, Log, WAMedia } from 'waha-runtime';
import type { ChatTimers } from '../identity/chat-timers.ts';
import type { LidMappings } from '../identity/lid-mappings.ts';
import { otherNamesIn } from '../identity/other-names.ts';
import { numberOf } from '../json-safe.ts';
import type { MediaIn } from '../media/media-in.ts';
import { kindOf, type MessageKind } from '../messages/content.ts';
import type { OtherNames } from '../messages/identity.ts';
import { chatIdOf } from '../messages/ids.ts';
import { messagePayload } from '../messages/payload.ts';
import type { Recent } from '../recent.ts';
import type { SentMessages } from '../socket/sent-messages.ts';
import type { MessageStore } from '../store/message-store.ts';
import type { Fact } from './event-queue.ts';
import type { IgnoredMessages, IgnoredReason } from './ignored.ts';
import type { Publisher } from './publisher.ts';
import type { Seals } from './seals.ts';
import type { Told, ToldChanges } from './told-changes.ts';

export interface InboundOptions {
  readonly publisher: Publisher;
  /** What the session has published lately, in this connection or an earlier one. */
  readonly published: Recent<true>;
  readonly messageStore: MessageStore;
  readonly sent: SentMessages;
  readonly media: MediaIn;
  readonly names: LidMappings;
  readonly timers: Pick<ChatTimers, 'heard'>;
  readonly seals: Seals;
  readonly changes: ToldChanges;
  readonly ignored: IgnoredMessages;
  readonly log: Log;
}

/** What of a message has no event. */
const silent: Partial<Record<MessageKind, IgnoredReason>> = { internal: 'internal', note: 'note', unknown: 'unknown' };

/**
 * Messages from WhatsApp, as events. Baileys says `notify` for live ones and `append` for those that waited on the server
 * while we were away: both are real. History comes by another event and is not published. A message that comes again is
 * published once per process; after a crash it may be published again, under the same identity, but never lost.
 */
export class Inbound {
  readonly #options: InboundOptions;
  readonly #media = new WeakMap<RawMessage, WAMedia>();
  readonly #others = new WeakMap<RawMessage, OtherNames>();

  constructor(options: InboundOptions) {
    this.#options = options;
  }

  /** One message of `messages.upsert`; null when there is nothing to tell about it. */
  received(raw: RawMessage): Fact | null {
    const kind = kindOf(raw);
    const { id, remoteJid, fromMe } = raw.key;
    const reason = id && remoteJid ? silent[kind] : 'internal';
    if (reason) this.#options.ignored.add(raw, reason, this.#options.log);
    if (reason || !id || !remoteJid) return null;
    if (fromMe && this.#options.sent.has(id)) return null;
    if (kind === 'sealed') return this.#sealed(raw);
    return kind === 'message' || kind === 'waiting' ? this.#message(raw, kind) : this.#change(raw, kind);
  }

  /** A message of our own that the server has taken: published once, and not as Baileys' echo. */
  sent(raw: RawMessage, timestamp: number, traceparent?: string): Fact {
    const taken = { ...raw, status: 2 } as RawMessage;
    const kind = kindOf(raw);
    let told: Told | null = null;
    const prepare = async (): Promise<void> => {
      await this.#addNames(taken);
      await this.#lookUp(taken);
      this.#options.messageStore.touched(taken.key.remoteJid);
      // A post in a channel has a number of the server's, which it got just now.
      if ('newsletterServerId' in taken && kind === 'message') await this.#options.messageStore.keep(taken, true);
      if (kind !== 'message') told = await this.#options.changes.read(taken, kind, 'api');
    };
    return {
      prepared: prepare(),
      chat: () => chatIdOf(raw.key.remoteJid ?? ''),
      ...this.#fetch(taken, kind),
      publish: () => this.#publish(taken, kind, { told, own: 'api', timestamp, traceparent }),
    };
  }

  #message(raw: RawMessage, kind: 'message' | 'waiting'): Fact {
    const { messageStore, published, timers } = this.#options;
    timers.heard(raw);
    // Remembered first: whoever hears of it may answer it at once, quoting it.
    const prepared = kind === 'message' ? messageStore.keep(raw) : Promise.resolve();
    // What was handed to the store is seen by everyone who reads from now on: the event may go into the same commit.
    const isSeen = kind === 'message' && messageStore.library === null;
    const lookedUp = this.#lookUp(raw);
    return {
      prepared: isSeen ? lookedUp : Promise.all([prepared, lookedUp]),
      chat: () => chatIdOf(raw.key.remoteJid ?? ''),
      ...(published.has(placeOf(raw, kind)) ? {} : this.#fetch(raw, kind)),
      publish: () => Promise.all([this.#publishOnce(raw, kind, null), prepared]).then(() => undefined),
    };
  }

  /** Something that happens to another message. It is told of when it has taken effect on what is remembered. */
  #change(raw: RawMessage, kind: MessageKind): Fact {
    const { changes, messageStore } = this.#options;
    messageStore.touched(raw.key.remoteJid);
    let told: Told | null = null;
    const read = async (): Promise<void> => {
      told = await changes.read(raw, kind, raw.key.fromMe ? 'app' : undefined);
    };
    // The question may take a while, and what is written to WhatsApp waits for what was read from it: so it steps aside.
    const asked = changes.ask(raw, kind)?.then(read);
    return {
      prepared: asked ? Promise.resolve() : read(),
      chat: () => chatIdOf(raw.key.remoteJid ?? ''),
      file: asked,
      publish: () => this.#publishOnce(raw, kind, told),
    };
  }

  /** What is sealed is told of as if it had come open; what cannot be opened, as something that is waited for. */
  #sealed(raw: RawMessage): Fact {
    let fact: Fact | null = null;
    const open = async (): Promise<void> => {
      const opened = await this.#options.seals.unsealed(raw);
      fact = opened ? this.received(opened) : this.#message(raw, 'waiting');
      await fact?.prepared;
    };
    const prepared = open();
    return {
      prepared,
      chat: () => chatIdOf(raw.key.remoteJid ?? ''),
      file: prepared.then(() => fact?.file),
      publish: async () => fact?.publish(),
    };
  }

  /** WhatsApp sends again what it has no receipt for. */
  async #publishOnce(raw: RawMessage, kind: MessageKind, told: Told | null): Promise<void> {
    const { published } = this.#options;
    const place = placeOf(raw, kind);
    if (published.has(place)) return;
    published.set(place, true);
    try {
      await this.#publish(raw, kind, { told, own: raw.key.fromMe ? 'app' : undefined });
    } catch (error) {
      published.delete(place);
      throw error;
    }
  }

  async #publish(raw: RawMessage, kind: MessageKind, { told, own, timestamp, traceparent }: Facts): Promise<void> {
    const { publisher } = this.#options;
    const options = {
      identity: identityOf(raw),
      timestamp: timestamp ?? numberOf(raw.messageTimestamp) * 1000,
      traceparent,
    };
    const publish = <N extends EventName>(event: N, payload: EventPayloads[N]) =>
      publisher.publish(event, payload, options);
    if (kind !== 'message' && kind !== 'waiting') return told ? publish(told.event, told.payload) : undefined;
    const media = this.#media.get(raw);
    const others = this.#others.get(raw);
    const payload = messagePayload(raw, { me: publisher.me?.id, source: own ?? 'app', media, others });
    if (kind === 'waiting') return publish('message.waiting', payload);
    await Promise.all([own ? undefined : publish('message', payload), publish('message.any', payload)]);
  }

  #fetch(raw: RawMessage, kind: MessageKind): Pick<Fact, 'file'> {
    const { media } = this.#options;
    if (kind !== 'message' || !media.describe(raw)) return {};
    return { file: media.fetch(raw).then((found) => found && this.#media.set(raw, found)) };
  }

  /** Before its turn: an event is handed over at once when its turn comes, so that none overtakes another. */
  async #lookUp(raw: RawMessage): Promise<void> {
    const { publisher, names } = this.#options;
    this.#others.set(raw, await otherNamesIn(raw, { names, me: () => publisher.me }));
  }

  async #addNames(raw: RawMessage): Promise<void> {
    const { remoteJid } = raw.key;
    const alt = remoteJid ? await this.#options.names.of(remoteJid) : undefined;
    if (alt) raw.key = { ...raw.key, remoteJidAlt: alt };
  }
}

interface Facts {
  readonly told: Told | null;
  readonly own?: 'api' | 'app' | undefined;
  readonly timestamp?: number;
  readonly traceparent?: string | undefined;
}

const identityOf = ({ key }: RawMessage): string =>
  [oneNameOf(key.remoteJid, key.remoteJidAlt), key.id, oneNameOf(key.participant, key.participantAlt)].join(':');

/** WhatsApp may send a message again under the other name of its chat or author: both are known by the hidden id. */
const oneNameOf = (jid: string | null | undefined, alt: string | null | undefined): string => {
  const id = jid ? chatIdOf(jid) : '';
  return id.endsWith('@c.us') && alt?.endsWith('@lid') ? chatIdOf(alt) : id;
};

/** A message that came as a riddle first and was decrypted later is two facts. */
const placeOf = (raw: RawMessage, kind: MessageKind): string => `${kind}:${raw.key.fromMe === true}:${identityOf(raw)}`;
