import {
  type Log,
  type LoggedEvent,
  type RuntimeEvent,
  type Sessions,
  sentence,
  unprocessable,
  type WAMessage,
} from 'waha-runtime';
import type { ChatwootConfig } from '../config.ts';
import type { MediaFiles } from '../media-files.ts';
import { contentHash, type MessageMap } from '../message-map.ts';
import type { Attachment, ChatwootServer, MessageStatus } from '../server/chatwoot-server.ts';
import type { Party } from '../server/contacts.ts';
import { ServerRefused } from '../server/failures.ts';
import type { Texts } from '../texts/texts.ts';
import { textOf } from './contents.ts';
import type { Parties, Written } from './parties.ts';
import type { PostOnce } from './post-once.ts';
import { SessionNews } from './session-news.ts';

export interface OutwardParts {
  readonly app: string;
  readonly session: string;
  readonly config: ChatwootConfig;
  readonly server: ChatwootServer;
  readonly posts: PostOnce;
  readonly map: MessageMap;
  readonly texts: Texts;
  readonly parties: Parties;
  readonly files: MediaFiles;
  readonly sessions: Sessions;
  readonly log: Log;
}

/** What Chatwoot is told of. */
export const outwardEvents = [
  'message.any',
  'message.waiting',
  'message.ack',
  'message.edited',
  'message.reaction',
  'message.revoked',
  'session.status',
  'call.received',
  'call.accepted',
  'call.rejected',
] as const;

const statuses: Readonly<Record<number, MessageStatus>> = {
  [-1]: 'failed',
  1: 'sent',
  2: 'delivered',
  3: 'read',
  4: 'read',
};

type Payload<N extends RuntimeEvent['event']> = RuntimeEvent<N>['payload'];

/** Tells Chatwoot what happens in WhatsApp: one event after the other, each once. */
export class Outward {
  readonly #parts: OutwardParts;
  readonly #news: SessionNews;

  constructor(parts: OutwardParts) {
    this.#parts = parts;
    this.#news = new SessionNews(parts);
  }

  /** Rejects while Chatwoot is away; with `UNPROCESSABLE` for what it will never take. */
  async deliver({ event }: LoggedEvent): Promise<void> {
    try {
      await this.#tell(event);
    } catch (error) {
      if (error instanceof ServerRefused) throw unprocessable(sentence(error));
      throw error;
    }
  }

  async #tell(event: RuntimeEvent): Promise<void> {
    switch (event.event) {
      case 'message.any':
        return this.#message(event.payload);
      case 'message.waiting':
        return this.#withheld(event.id, event.payload);
      case 'message.ack':
        return this.#ack(event.payload);
      case 'message.edited':
        return this.#edited(event.id, event.payload);
      case 'message.reaction':
        return this.#reacted(event.payload);
      case 'message.revoked':
        return this.#revoked(event.id, event.payload);
      case 'session.status':
        return this.#news.status(event.id, event.payload);
      case 'call.received':
      case 'call.accepted':
      case 'call.rejected':
        return this.#called(event.id, event.event, event.payload);
    }
  }

  async #message(message: WAMessage): Promise<void> {
    const { app, map, texts, files, session, server, config } = this.#parts;
    if ((await map.byWhatsApp(app, message.id))?.direction === 'out') return;
    const attachment = message.hasMedia ? await files.of(session, message.media) : null;
    const isMissing = message.hasMedia && attachment === null;
    const text = [textOf(message, texts), isMissing ? texts.of('whatsapp.media.missing') : '']
      .filter(Boolean)
      .join('\n\n');
    const party = await this.#partyOf(message);
    const conversation = await this.#post(party, message, message.id, text, {
      replyTo: message.replyTo?.id,
      attachment: attachment ?? undefined,
    });
    const isRead = message.fromMe && message.source === 'app' && (config.conversations?.markAsRead ?? true);
    if (isRead) await server.post(`/conversations/${conversation}/update_last_seen`, {}).catch(unlessRefused);
  }

  /** A picture to be seen once, say, which only the phone gets. What could not be decrypted yet comes by itself when it can. */
  async #withheld(eventId: string, message: WAMessage): Promise<void> {
    if (isUndecrypted(message._data)) return;
    await this.#post(await this.#partyOf(message), message, eventId, textOf(message, this.#parts.texts), {});
  }

  /** Only what agents wrote has a status in Chatwoot, and it never goes back. */
  async #ack({ id, ack }: Payload<'message.ack'>): Promise<void> {
    const { app, map, server } = this.#parts;
    const row = await map.byWhatsApp(app, id);
    const status = statuses[ack];
    if (row?.direction !== 'out' || row.chatwoot === null || !status || (ack > 0 && ack <= row.ack)) return;
    await server.setStatus(row.conversation, row.chatwoot, status);
    await map.put({ ...row, ack });
  }

  async #edited(eventId: string, message: Payload<'message.edited'>): Promise<void> {
    const { app, map, texts } = this.#parts;
    const original = message.editedMessageId ?? message.id;
    const known = await map.byWhatsApp(app, original);
    if (known && known.content === contentHash(message.body ?? '')) return;
    const text = texts.of('message.edited.in.whatsapp', { text: textOf(message, texts) });
    await this.#post(await this.#partyOf(message), message, eventId, text, { replyTo: original });
  }

  async #reacted(message: Payload<'message.reaction'>): Promise<void> {
    const { texts } = this.#parts;
    const { text: emoji, messageId } = message.reaction;
    const text = emoji ? texts.of('whatsapp.reaction.added', { emoji }) : texts.of('whatsapp.reaction.removed');
    await this.#post(await this.#partyOf(message), message, message.id, text, { replyTo: messageId });
  }

  async #revoked(eventId: string, { before, after, revokedMessageId }: Payload<'message.revoked'>): Promise<void> {
    const { app, map, texts } = this.#parts;
    const message = before ?? after;
    const known = await map.byWhatsApp(app, revokedMessageId ?? message?.id ?? '');
    if (!message || known?.removed) return;
    const text = texts.of('message.removed.in.whatsapp');
    await this.#post(await this.#partyOf(message), message, eventId, text, { replyTo: revokedMessageId ?? message.id });
  }

  async #called(
    eventId: string,
    name: 'call.received' | 'call.accepted' | 'call.rejected',
    { from, fromIdentity, groupId, isGroup, id }: Payload<'call.received'>,
  ): Promise<void> {
    const { parties, texts, posts } = this.#parts;
    const party = isGroup && groupId ? await parties.ofMany(groupId) : await parties.ofPerson(from, fromIdentity);
    const content = texts.of(`whatsapp.${name}`);
    await posts.post(party, { content, type: 'incoming', sourceId: eventId, whatsapp: id });
  }

  #partyOf(message: Written): Promise<Party> {
    return this.#parts.parties.ofMessage(message);
  }

  /** As a message of the contact; as a private note where the account itself wrote it elsewhere, so that nobody sends it again. */
  async #post(
    party: Party,
    message: Written & { readonly source: 'api' | 'app' },
    sourceId: string,
    text: string,
    { replyTo, attachment }: { readonly replyTo?: string | undefined; readonly attachment?: Attachment | undefined },
  ): Promise<number> {
    const { app, map, texts, posts, parties } = this.#parts;
    const { fromMe, source, participant } = message;
    const quoted = replyTo ? await map.byWhatsApp(app, replyTo) : null;
    const author = participant && !fromMe ? await parties.author(message) : undefined;
    const said = author ? texts.of('whatsapp.group.message', { participant: author, text }) : text;
    return posts.post(party, {
      content: fromMe ? texts.of(source === 'api' ? 'message.from.api' : 'message.from.whatsapp', { text }) : said,
      type: fromMe ? 'outgoing' : 'incoming',
      private: fromMe,
      replyTo: quoted?.chatwoot ?? undefined,
      sourceId,
      // What is about another message is named by its event.
      whatsapp: sourceId,
      attachment,
    });
  }
}

/** `WebMessageInfo.StubType.CIPHERTEXT`. */
const ciphertext = 2;
const isUndecrypted = (data: unknown): boolean =>
  (data as { readonly messageStubType?: unknown } | null | undefined)?.messageStubType === ciphertext;

/** What is only for show is worth no failure. */
const unlessRefused = (error: unknown): void => {
  if (!(error instanceof ServerRefused)) throw error;
};
