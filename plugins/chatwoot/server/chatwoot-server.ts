import { type Egress, isEgressError, sentence } from 'waha-runtime';
import type { ChatwootConfig } from '../config.ts';
import { type Json, type Refused, ServerAway, ServerRefused } from './failures.ts';

/** A file of a message. */
export interface Attachment {
  readonly name: string;
  readonly mimetype: string;
  readonly bytes: Uint8Array;
}

/** A message as it is posted. */
export interface NewMessage {
  readonly content: string;
  /** `incoming`: the contact wrote it. */
  readonly type: 'incoming' | 'outgoing';
  /** A private note: Chatwoot does not give it to its webhooks' receivers as something to send. */
  readonly private?: boolean;
  /** Chatwoot's id of the message that it answers. */
  readonly replyTo?: number | undefined;
  /** Names it for good: a message of this name is found again. */
  readonly sourceId: string;
  readonly attachment?: Attachment | undefined;
}

/** A posted message, as a list shows it. */
export interface PostedMessage {
  readonly id: number;
  readonly sourceId: string | null;
}

export type MessageStatus = 'sent' | 'delivered' | 'read' | 'failed';

const timeoutMs = 30_000;
/** For messages with a file. */
const uploadTimeoutMs = 120_000;
/** How many pages of 20 messages are looked through for a message. */
const maxPages = 25;

/** The application API of a Chatwoot server, as far as it is used here. */
export class ChatwootServer {
  readonly #http: Egress;
  readonly #config: ChatwootConfig;
  readonly #signal: AbortSignal;

  constructor(http: Egress, config: ChatwootConfig, signal: AbortSignal) {
    this.#http = http;
    this.#config = config;
    this.#signal = signal;
  }

  get(path: string): Promise<Json> {
    return this.#call('GET', path);
  }

  post(path: string, body: object): Promise<Json> {
    return this.#call('POST', path, JSON.stringify(body));
  }

  put(path: string, body: object): Promise<Json> {
    return this.#call('PUT', path, JSON.stringify(body));
  }

  /** Gives Chatwoot's id of the new message. */
  async postMessage(conversation: number, message: NewMessage): Promise<number> {
    const path = `/conversations/${conversation}/messages`;
    const { attachment } = message;
    const answer = attachment
      ? await this.#upload(path, message, attachment)
      : await this.post(path, fieldsOf(message));
    const id = answer?.['id'];
    if (typeof id !== 'number') throw new ServerAway('Chatwoot answered a new message without its id');
    return id;
  }

  /** The message of this name among the newest of a conversation; null when it is not there. */
  async findMessage(conversation: number, sourceId: string): Promise<PostedMessage | null> {
    let before: number | null = null;
    for (let page = 0; page < maxPages; page++) {
      const query: string = before === null ? '' : `?before=${before}`;
      const answer = await this.get(`/conversations/${conversation}/messages${query}`);
      const messages = listOf(answer?.['payload']).flatMap((entry) => postedOf(entry));
      const found = messages.find((message) => message.sourceId === sourceId);
      if (found) return found;
      const oldest = Math.min(...messages.map(({ id }) => id));
      if (messages.length === 0 || oldest === before) return null;
      before = oldest;
    }
    return null;
  }

  async setStatus(conversation: number, message: number, status: MessageStatus, error?: string): Promise<void> {
    const body = JSON.stringify({ status, ...(error === undefined ? {} : { external_error: error }) });
    await this.#call('PATCH', `/conversations/${conversation}/messages/${message}`, body);
  }

  async #upload(path: string, message: NewMessage, { name, mimetype, bytes }: Attachment): Promise<Json> {
    const form = new FormData();
    for (const [field, value] of Object.entries(fieldsOf(message))) {
      form.append(field, typeof value === 'object' ? JSON.stringify(value) : String(value));
    }
    form.append('attachments[]', new Blob([bytes as Uint8Array<ArrayBuffer>], { type: mimetype }), name);
    const encoded = new Response(form);
    const body = new Uint8Array(await encoded.arrayBuffer());
    const contentType = encoded.headers.get('content-type') ?? 'multipart/form-data';
    return this.#call('POST', path, body, { contentType, timeoutMs: uploadTimeoutMs });
  }

  async #call(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH',
    path: string,
    body?: string | Uint8Array,
    options: { readonly contentType?: string; readonly timeoutMs?: number } = {},
  ): Promise<Json> {
    const { url, accountId, accountToken } = this.#config;
    const { status, body: bytes } = await this.#http
      .request({
        method,
        url: `${url.replace(/\/{1,9}$/, '')}/api/v1/accounts/${accountId}${path}`,
        headers: {
          api_access_token: accountToken,
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': options.contentType ?? 'application/json' }),
        },
        ...(body === undefined ? {} : { body }),
        timeoutMs: options.timeoutMs ?? timeoutMs,
        signal: this.#signal,
      })
      .catch((error) => {
        throw new ServerAway(sentence(error), isEgressError(error, 'timeout'));
      });
    const answer = jsonOf(bytes);
    if (status >= 200 && status < 300) return answer;
    throw failureOf(status, answer);
  }
}

const fieldsOf = ({ content, type, private: isPrivate = false, replyTo, sourceId }: NewMessage) => ({
  content,
  message_type: type,
  private: isPrivate,
  source_id: sourceId,
  ...(replyTo === undefined ? {} : { content_attributes: { in_reply_to: replyTo } }),
});

const postedOf = (entry: Json): PostedMessage[] => {
  const [id, sourceId] = [entry?.['id'], entry?.['source_id']];
  return typeof id === 'number' ? [{ id, sourceId: typeof sourceId === 'string' ? sourceId : null }] : [];
};

/** The objects of a list in an answer. */
export const listOf = (value: unknown): Json[] =>
  Array.isArray(value) ? value.filter((entry) => typeof entry === 'object' && entry !== null) : [];

const jsonOf = (bytes: Uint8Array): Json => {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Json) : null;
  } catch {
    return null;
  }
};

/** What another server, another time or another token may take is tried again; the rest is refused for good. */
const failureOf = (status: number, answer: Json): ServerAway | Refused => {
  const said = [answer?.['message'], answer?.['error'], answer?.['description']].find((it) => typeof it === 'string');
  const what = `Chatwoot answers with ${status}${said ? `: ${String(said).slice(0, 200)}` : ''}`;
  return [400, 404, 409, 410, 413, 415, 422].includes(status) ? new ServerRefused(what, status) : new ServerAway(what);
};
