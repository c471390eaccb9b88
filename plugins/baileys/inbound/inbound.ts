import type { WAMessage as RawMessage } from '@whiskeysockets/baileys';
import type { WAMedia, WAMessage } from 'waha-runtime';
import type { LidMappings } from '../identity/lid-mappings.ts';
import { numberOf } from '../json-safe.ts';
import type { MediaIn } from '../media/media-in.ts';
import { bodyOf, contentOf, kindOf, type MessageKind } from '../messages/content.ts';
import { chatIdOf, messageIdOf } from '../messages/ids.ts';
import { addressOf, messagePayload } from '../messages/payload.ts';
import { recall } from '../messages/stored-message.ts';
import type { Recent } from '../recent.ts';
import type { SentMessages } from '../socket/sent-messages.ts';
import type { MessageStore } from '../store/message-store.ts';
import type { Fact } from './event-queue.ts';
import { type OpenedResponse, openResponse } from './event-responses.ts';
import { type OpenedVote, openVote } from './poll-votes.ts';
import type { Publisher } from './publisher.ts';

export interface InboundOptions {
  readonly publisher: Publisher;
  /** What the session has published lately, in this connection or an earlier one. */
  readonly published: Recent<true>;
  readonly messageStore: MessageStore;
  readonly sent: SentMessages;
  readonly media: MediaIn;
  readonly names: LidMappings;
}

/**
 * Messages from WhatsApp, as events. Baileys says `notify` for live ones and `append` for those that waited on the server
 * while we were away: both are real. History comes by another event and is not published. A message that comes again is
 * published once per process; after a crash it may be published again, under the same identity, but never lost.
 */
export class Inbound {
  readonly #options: InboundOptions;
  readonly #votes = new WeakMap<RawMessage, OpenedVote>();
  readonly #responses = new WeakMap<RawMessage, OpenedResponse>();
  readonly #media = new WeakMap<RawMessage, WAMedia>();
  /** What was revoked, as far as it is remembered. */
  readonly #before = new WeakMap<RawMessage, WAMessage>();

  constructor(options: InboundOptions) {
    this.#options = options;
  }

  /** One message of `messages.upsert`; null when there is nothing to tell about it. */
  received(raw: RawMessage): Fact | null {
    const kind = kindOf(raw);
    const { id, remoteJid, fromMe } = raw.key;
    if (kind === 'internal' || !id || !remoteJid) return null;
    if (fromMe && this.#options.sent.has(id)) return null;
    // Remembered first: whoever hears of it may answer it at once, quoting it.
    const prepared = this.#prepare(raw, kind);
    // What was handed to the store is seen by everyone who reads from now on: the event may go into the same commit.
    const isSeen = kind === 'message' && this.#options.messageStore.library === null;
    return {
      prepared: isSeen ? Promise.resolve() : prepared,
      chat: () => chatIdOf(remoteJid),
      ...(this.#options.published.has(placeOf(raw, kind)) ? {} : this.#fetch(raw, kind)),
      publish: () => Promise.all([this.#publishOnce(raw, kind), prepared]).then(() => undefined),
    };
  }

  /** A message of our own that the server has taken: published once, and not as Baileys' echo. */
  sent(raw: RawMessage, timestamp: number): Fact {
    const taken = { ...raw, status: 2 } as RawMessage;
    const kind = kindOf(raw);
    return {
      prepared: this.#prepareSent(taken, kind),
      chat: () => chatIdOf(raw.key.remoteJid ?? ''),
      ...this.#fetch(taken, kind),
      publish: () => this.#publish(taken, kind, 'api', timestamp),
    };
  }

  /** WhatsApp sends again what it has no receipt for. */
  async #publishOnce(raw: RawMessage, kind: MessageKind): Promise<void> {
    const { published } = this.#options;
    const place = placeOf(raw, kind);
    if (published.has(place)) return;
    published.set(place, true);
    try {
      await this.#publish(raw, kind, raw.key.fromMe ? 'app' : undefined);
    } catch (error) {
      published.delete(place);
      throw error;
    }
  }

  async #publish(raw: RawMessage, kind: MessageKind, own?: 'api' | 'app', timestamp?: number): Promise<void> {
    const { publisher } = this.#options;
    const me = publisher.me?.id;
    const options = {
      identity: identityOf(raw),
      timestamp: timestamp ?? numberOf(raw.messageTimestamp) * 1000,
    };
    const payload = messagePayload(raw, { me, source: own ?? 'app', media: this.#media.get(raw) });
    switch (kind) {
      case 'message':
        await Promise.all([
          own ? undefined : publisher.publish('message', payload, options),
          publisher.publish('message.any', payload, options),
        ]);
        return;
      case 'waiting':
        return publisher.publish('message.waiting', payload, options);
      case 'reaction':
        return publisher.publish('message.reaction', reactionPayload(raw, me, own ?? 'app'), options);
      case 'edited':
        return publisher.publish('message.edited', editedPayload(raw, payload), options);
      case 'vote': {
        const vote = this.#votes.get(raw);
        return vote && publisher.publish(vote.event, vote.payload, options);
      }
      case 'response': {
        const response = this.#responses.get(raw);
        return response && publisher.publish(response.event, response.payload, options);
      }
      case 'revoked':
        return publisher.publish('message.revoked', revokedPayload(raw, payload, this.#before.get(raw)), options);
    }
  }

  #fetch(raw: RawMessage, kind: MessageKind): Pick<Fact, 'file'> {
    const { media } = this.#options;
    if (kind !== 'message' || !media.describe(raw)) return {};
    return { file: media.fetch(raw).then((found) => found && this.#media.set(raw, found)) };
  }

  async #prepare(raw: RawMessage, kind: MessageKind): Promise<void> {
    const { messageStore, publisher } = this.#options;
    if (kind === 'message') return messageStore.keep(raw);
    if (kind === 'revoked') await this.#lookBack(raw);
    await messageStore.apply(raw);
    if (kind === 'vote') this.#votes.set(raw, await openVote(raw, messageStore, publisher.me));
    if (kind === 'response') this.#responses.set(raw, await openResponse(raw, messageStore, publisher.me));
  }

  async #prepareSent(raw: RawMessage, kind: MessageKind): Promise<void> {
    const { messageStore, names } = this.#options;
    const { remoteJid } = raw.key;
    const alt = remoteJid ? await names.of(remoteJid) : undefined;
    if (alt) raw.key = { ...raw.key, remoteJidAlt: alt };
    if (kind === 'revoked') await this.#lookBack(raw);
    await messageStore.apply(raw);
  }

  /** Looks at a message before its revocation changes it. */
  async #lookBack(raw: RawMessage): Promise<void> {
    const { messageStore, publisher, sent } = this.#options;
    const id = contentOf(raw).protocolMessage?.key?.id;
    const stored = id ? await messageStore.find(id).catch(() => null) : null;
    const { remoteJid, remoteJidAlt } = raw.key;
    const chats = [remoteJid, remoteJidAlt].map((jid) => jid && chatIdOf(jid));
    if (!stored || !chats.includes(stored.chatId)) return;
    const source = sent.has(stored.id) ? 'api' : 'app';
    this.#before.set(raw, messagePayload(recall(stored), { me: publisher.me?.id, source }));
  }
}

const identityOf = ({ key }: RawMessage): string =>
  `${chatIdOf(key.remoteJid ?? '')}:${key.id}:${key.participant ? chatIdOf(key.participant) : ''}`;

/** A message that came as a riddle first and was decrypted later is two facts. */
const placeOf = (raw: RawMessage, kind: MessageKind): string => `${kind}:${raw.key.fromMe === true}:${identityOf(raw)}`;

const reactionPayload = (raw: RawMessage, me: string | undefined, source: 'api' | 'app') => {
  const { key, text } = contentOf(raw).reactionMessage ?? {};
  return {
    id: messageIdOf(raw.key, me),
    timestamp: numberOf(raw.messageTimestamp),
    ...addressOf(raw, me),
    source,
    reaction: { text: text ?? '', messageId: messageIdOf({ ...key, remoteJid: raw.key.remoteJid }, me) },
  };
};

const editedPayload = (raw: RawMessage, payload: object) => {
  const { key, editedMessage } = contentOf(raw).protocolMessage ?? {};
  const body = editedMessage ? bodyOf(contentOf({ ...raw, message: editedMessage } as RawMessage)) : null;
  return { ...payload, body, editedMessageId: key?.id ?? null };
};

const revokedPayload = (raw: RawMessage, payload: object, before: WAMessage | undefined) => ({
  after: payload,
  before: before ?? null,
  revokedMessageId: contentOf(raw).protocolMessage?.key?.id ?? null,
});
