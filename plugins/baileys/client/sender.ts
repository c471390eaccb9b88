import {
  type AnyMessageContent,
  type BinaryNode,
  generateMessageIDV2,
  generateWAMessage,
  generateWAMessageFromContent,
  type proto,
  type WAMessage as RawMessage,
} from '@whiskeysockets/baileys';
import { badRequest, type Log, type MeInfo, type WAMessage } from 'waha-runtime';
import type { Directory } from '../identity/directory.ts';
import { otherNamesIn } from '../identity/other-names.ts';
import type { ChannelUpload, ChannelUploads } from '../media/channel-upload.ts';
import { channelStanza } from '../messages/channel-stanza.ts';
import { chatIdOf, isMany, kindOfChat, readMessageId, STATUS } from '../messages/ids.ts';
import { peopleIn, rename, setExpiration } from '../messages/outgoing.ts';
import { messagePayload } from '../messages/payload.ts';
import { recall } from '../messages/stored-message.ts';
import type { Requests } from '../socket/requests.ts';
import type { SentMessages } from '../socket/sent-messages.ts';
import type { BaileysSocket } from '../socket/socket.ts';
import type { MessageStore } from '../store/message-store.ts';
import type { LinkPreviews } from './link-preview.ts';
import { StatusAudience } from './status-audience.ts';

const SERVER_ACK = 2;
const AT_ONCE = 5000;
const UPLOAD_TIMEOUT_MS = 120_000;

/** What everything that sends shares. */
export interface SenderOptions {
  readonly requests: Requests;
  readonly sent: SentMessages;
  readonly messageStore: MessageStore;
  readonly directory: Directory;
  readonly log: Log;
  readonly timeoutMs: number;
  /** Absent where pages must not be fetched: behind a session's proxy, they would give our own address away. */
  readonly previews?: LinkPreviews | undefined;
  /** How files get into channels. */
  readonly channelUploads: ChannelUploads;
  me(): MeInfo | null;
}

/** A message on its way. */
export interface OutgoingMessage {
  /** Where to, checked already. */
  readonly jid: string;
  /** Baileys' content, or a finished message; made while the connection is known to be there. */
  content(sock: BaileysSocket): AnyMessageContent | Promise<AnyMessageContent>;
  readonly id?: string | undefined;
  readonly replyTo?: string | undefined;
  readonly attributes?: Record<string, string>;
  readonly nodes?: BinaryNode[];
  /** Of a status: who gets it, as Baileys' jids. */
  readonly audience?: readonly string[];
  /** How a status looks. */
  readonly look?: { readonly backgroundColor?: string; readonly font?: number };
}

/** A message in WhatsApp's own form, which Baileys has no content for. */
export interface OutgoingProto extends Omit<OutgoingMessage, 'content'> {
  message(sock: BaileysSocket): proto.IMessage | Promise<proto.IMessage>;
}

interface Dispatched extends Omit<OutgoingMessage, 'content'> {
  /** Of the file that was uploaded to a channel. */
  handle?(): string | undefined;
}

const isChannel = (jid: string): boolean => kindOfChat(jid) === 'channels';

/** Sends messages of every kind, and waits for WhatsApp's word on each. */
export class Sender {
  readonly options: SenderOptions;

  constructor(options: SenderOptions) {
    this.options = options;
  }

  /** The way to send a message of Baileys' own kinds. */
  async send(wanted: OutgoingMessage): Promise<WAMessage> {
    const message = await this.#withAudience(wanted);
    const options = await this.#messageOptions(message);
    let channel: ChannelUpload | undefined;
    const make = async (sock: BaileysSocket, jid: string): Promise<RawMessage> => {
      channel = isChannel(jid) ? this.options.channelUploads(sock) : undefined;
      const upload = channel?.upload ?? sock.waUploadToServer;
      const content = await message.content(sock);
      return generateWAMessage(jid, content, {
        ...{ ...options, ...message.look, upload },
        mediaUploadTimeoutMs: UPLOAD_TIMEOUT_MS,
      } as Parameters<typeof generateWAMessage>[2]);
    };
    return this.#dispatch({ ...message, handle: () => channel?.handle }, make);
  }

  async sendFinished(wanted: OutgoingProto): Promise<WAMessage> {
    const message = await this.#withAudience(wanted);
    const options = await this.#messageOptions(message);
    return this.#dispatch(message, async (sock, jid) =>
      generateWAMessageFromContent(jid, await message.message(sock), options),
    );
  }

  /** Writes a stanza that Baileys does not write. `raw` is how it is told of. */
  async sendStanza(raw: RawMessage, stanza: BinaryNode): Promise<WAMessage> {
    const { requests, sent, timeoutMs, me } = this.options;
    await requests.call('the message', async (sock) => {
      const { id = '' } = stanza.attrs;
      const taken = sent.expect(raw, id);
      taken.catch(() => undefined);
      try {
        await sock.sendNode(stanza);
      } catch (error) {
        sent.forget(id);
        throw error;
      }
      sent.written(id, timeoutMs);
      await taken;
    });
    return messagePayload({ ...raw, status: SERVER_ACK } as RawMessage, { me: me()?.id, source: 'api' });
  }

  /** A new id in the form of WhatsApp's own clients. */
  newId(): string {
    return generateMessageIDV2(this.options.me()?.jid);
  }

  /** What is sent to the chat of all statuses is one, for those to whom the account shows its own: without them it would go to nobody. */
  async #withAudience<M extends Pick<OutgoingMessage, 'jid' | 'audience' | 'nodes'>>(message: M): Promise<M> {
    if (message.jid !== STATUS || message.audience) return message;
    const { jids: audience, nodes } = await new StatusAudience(this.options).forPost(undefined);
    return { ...message, audience, nodes: [...(message.nodes ?? []), ...nodes] };
  }

  async #messageOptions({ id, replyTo }: Pick<OutgoingMessage, 'id' | 'replyTo'>) {
    const messageId = id ? chosenId(id) : this.newId();
    const quoted = replyTo ? await this.#quoted(replyTo) : undefined;
    return { userJid: this.options.me()?.jid ?? '', messageId, ...(quoted ? { quoted } : {}) };
  }

  async #dispatch(
    { jid: wanted, attributes = {}, nodes = [], audience, handle }: Dispatched,
    make: (sock: BaileysSocket, jid: string) => Promise<RawMessage>,
  ): Promise<WAMessage> {
    const { requests, sent, timeoutMs, directory } = this.options;
    const raw = await requests.call('the message', async (sock) => {
      const jid = await directory.numbers.reach(sock, wanted);
      const made = await make(sock, jid);
      const { message } = made;
      const { id } = made.key;
      if (!id || !message) throw badRequest('the message is empty');
      await this.#addressed(sock, jid, message);
      const options = { messageId: id, additionalAttributes: attributes, additionalNodes: nodes };
      const post = isChannel(jid) && channelStanza(message, { to: jid, id, handle: handle?.(), attributes });
      for (const [at, people] of (audience ? piecesOf(audience) : [undefined]).entries()) {
        const taken = sent.expect(made);
        taken.catch(() => undefined);
        // Whoever cannot decrypt it asks for it again by its id, so it does not leave before it is stored.
        if (at === 0) sent.holdUntil(this.options.messageStore.keep(made, true));
        try {
          if (post) await sock.sendNode(post);
          else await sock.relayMessage(jid, message, people ? { ...options, statusJidList: people } : options);
        } catch (error) {
          sent.forget(id);
          throw error;
        }
        sent.written(id, timeoutMs);
        await taken;
      }
      return made;
    });
    raw.status = SERVER_ACK;
    const { me } = this.options;
    const others = await otherNamesIn(raw, { names: directory.names, me });
    const payload = messagePayload(raw, { me: me()?.id, source: 'api', others });
    const isElsewhere = raw.key.remoteJid !== wanted;
    return { ...payload, ...(isElsewhere ? { requestedChatId: chatIdOf(wanted) } : {}) };
  }

  /** People in the group's own form, and how long it lives in this chat. */
  async #addressed(sock: BaileysSocket, jid: string, message: proto.IMessage): Promise<void> {
    const { directory } = this.options;
    setExpiration(message, await directory.timers.of(jid));
    rename(message, await directory.namesIn(sock, jid, peopleIn(message)));
  }

  async #quoted(replyTo: string): Promise<RawMessage | undefined> {
    const { id } = readMessageId(replyTo, 'reply_to');
    const { messageStore, log } = this.options;
    const stored = await messageStore.find(id);
    if (!stored) {
      log.warn({ id }, 'the message to quote is not known; it is sent without the quote');
      return undefined;
    }
    const raw = recall(stored);
    // What was revoked says nothing any more.
    return raw.message ? raw : undefined;
  }
}

/** So many people are named in one stanza. */
const piecesOf = (people: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(people.length / AT_ONCE) }, (_, at) => people.slice(at * AT_ONCE, (at + 1) * AT_ONCE));

/** The id that the caller wants the message to have. */
const chosenId = (text: string): string => {
  const { id, fromMe } = readMessageId(text, 'id');
  if (fromMe === false) throw badRequest('id must be that of a message of your own');
  return id;
};

/** WAHA's word for everybody in the group. */
const EVERYBODY = 'all';

/** Mentioned people as Baileys wants them; nothing when there are none. `all` is everybody of the chat but ourselves. */
export const mentionsOf = async (
  mentions: readonly string[] | undefined,
  jid: string,
  { directory, me }: Pick<SenderOptions, 'directory' | 'me'>,
): Promise<{ mentions: string[] } | object> => {
  if (!mentions?.length) return {};
  const people = mentions.map((mention, index) => ({ mention, field: `mentions[${index}]` }));
  const wanted = people.filter(({ mention }) => mention !== EVERYBODY);
  const named = await Promise.all(wanted.map(({ mention, field }) => directory.numbers.jidOf(mention, field)));
  if (named.length === mentions.length) return { mentions: named };
  const group = await directory.groups.of(jid);
  const own = [me()?.jid, me()?.lid].flatMap((name) => (name ? [chatIdOf(name)] : []));
  const everybody = group?.metadata.participants.map(({ id }) => id) ?? (isMany(chatIdOf(jid)) ? [] : [jid]);
  return { mentions: [...new Set([...named, ...everybody.filter((id) => !own.includes(chatIdOf(id)))])] };
};
