import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { outsideOf } from './published-api.ts';

type Fields = Record<string, unknown>;
export interface Message extends Fields {
  readonly id: number;
  content: string;
  readonly message_type: 'incoming' | 'outgoing';
  readonly private: boolean;
  readonly source_id: string | null;
  content_attributes: Fields;
  status: string;
  readonly attachments: { readonly name: string; readonly type: string; readonly bytes: Buffer }[];
}
interface Contact extends Fields {
  readonly id: number;
  contact_inboxes: { readonly source_id: string; readonly inbox: { readonly id: number } }[];
}
interface Conversation extends Fields {
  readonly id: number;
  status: string;
  readonly contact: Contact;
  readonly messages: Message[];
}
interface Answer {
  readonly status: number;
  readonly json: unknown;
}

/** What happens to the next requests. */
export type Fault = 'answer' | 'down' | 'lose the answer';

/**
 * Plays a Chatwoot server with one account and inboxes of the kind API. Requests outside of the published document are refused and
 * noted: a test that made one fails.
 */
export class ChatwootStandIn {
  readonly token = 'token-of-the-agent';
  readonly outside: string[] = [];
  readonly contacts: Contact[] = [];
  readonly conversations: Conversation[] = [];
  /** Files that agents attach, by path. */
  readonly files = new Map<string, { readonly type: string; readonly bytes: Buffer }>();
  readonly #definitions: Fields[] = [];
  #server: Server | null = null;
  #id = 100;
  /** Decides for each request; by default all are answered. */
  fate: (method: string, path: string) => Fault = () => 'answer';

  async listen(): Promise<string> {
    this.#server = createServer((request, response) => void this.#serve(request, response));
    await new Promise<void>((resolve) => this.#server?.listen(0, '127.0.0.1', resolve));
    return this.url;
  }

  get url(): string {
    const address = this.#server?.address() as AddressInfo | undefined;
    return address ? `http://127.0.0.1:${address.port}` : 'http://chatwoot.example';
  }

  async close(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => (this.#server ? this.#server.close(resolve) : resolve(undefined)));
  }

  /** The config of an app for this server. */
  config(more: object = {}): object {
    const { url, token } = this;
    return { url, accountId: 1, accountToken: token, inboxId: 7, inboxIdentifier: 'inbox-7', ...more };
  }

  /** All messages of all conversations but the one with the session itself. */
  get messages(): Message[] {
    return this.conversations
      .filter(({ contact }) => contact['identifier'] !== 'whatsapp.integration')
      .flatMap(({ messages }) => messages);
  }

  /** The conversation with the session itself. */
  get news(): Conversation | undefined {
    return this.conversations.find(({ contact }) => contact['identifier'] === 'whatsapp.integration');
  }

  /** An agent writes; gives the body that Chatwoot posts to the webhook. */
  agentWrites(conversation: number, content: string, more: Fields = {}): Fields & { readonly id: number } {
    const message = this.#add(conversation, { content, message_type: 'outgoing', private: false, ...more });
    return this.webhook('message_created', conversation, message.id);
  }

  /** The body of a webhook about a message, as Chatwoot flattens it. */
  webhook(event: string, conversation: number, message: number, more: Fields = {}): Fields & { readonly id: number } {
    const { contact, messages, status } = this.#conversation(conversation);
    const found = messages.find(({ id }) => id === message);
    if (!found) throw new Error('no such message');
    const { contact_inboxes: _, ...sender } = contact;
    return {
      event,
      ...{ id: found.id, content: found.content, content_type: 'text', message_type: found.message_type },
      ...{ private: found.private, source_id: found.source_id, content_attributes: found.content_attributes },
      attachments: found.attachments,
      conversation: { id: conversation, status, meta: { sender } },
      account: { id: 1, name: 'Shop' },
      ...more,
    };
  }

  /** Answers a request without a socket. */
  async handle(
    method: string,
    address: string,
    headers: Readonly<Record<string, string | undefined>>,
    body: Uint8Array,
  ): Promise<Answer> {
    const url = new URL(address);
    if (headers['api_access_token'] !== this.token) return { status: 401, json: { error: 'Invalid Access Token' } };
    const [, path = ''] = /^\/api\/v1\/accounts\/1(\/.*)$/.exec(url.pathname) ?? [];
    url.pathname = path;
    const type = headers['content-type'] ?? '';
    const isForm = type.startsWith('multipart/');
    const { fields, files } = isForm ? await formOf(type, body) : { fields: jsonOf(body), files: [] };
    const odd = outsideOf(method, url, fields, isForm);
    if (odd !== null) {
      this.outside.push(odd);
      return { status: 500, json: { error: odd } };
    }
    return this.#answer(method, path, url.searchParams, fields, files);
  }

  #answer(method: string, path: string, query: URLSearchParams, fields: Fields, files: Message['attachments']): Answer {
    const [, first, second, third, fourth] = path.split('/');
    if (first === 'custom_attribute_definitions') return this.#define(method, fields);
    if (first === 'contacts' && second === 'filter') return this.#filter(fields['payload'] as Fields[]);
    if (first === 'contacts' && second === undefined) return this.#create(fields);
    if (first === 'contacts') return this.#contact(Number(second), third, fields);
    if (second === undefined) return this.#open(fields);
    const conversation = this.conversations.find(({ id }) => id === Number(second));
    if (!conversation) return { status: 404, json: { error: 'Resource could not be found' } };
    if (third === 'update_last_seen') {
      conversation['seen'] = true;
      return this.#ok({ id: conversation.id });
    }
    if (method === 'GET') return this.#ok({ meta: {}, payload: pageOf(conversation.messages, query) });
    if (method === 'POST') return this.#ok(this.#add(conversation.id, { ...fields, attachments: files }));
    const message = conversation.messages.find(({ id }) => id === Number(fourth));
    if (!message) return { status: 404, json: { error: 'Resource could not be found' } };
    if (!(message.status === 'read' && fields['status'] === 'delivered')) message.status = String(fields['status']);
    if (fields['external_error']) message.content_attributes['external_error'] = fields['external_error'];
    return this.#ok(message);
  }

  #define(method: string, fields: Fields): Answer {
    if (method === 'POST') this.#definitions.push(fields);
    return this.#ok(method === 'POST' ? fields : this.#definitions);
  }

  #filter(clauses: Fields[]): Answer {
    const standard = ['identifier', 'phone_number', 'name', 'email'];
    const known = [...standard, ...this.#definitions.map((one) => String(one['attribute_key']))];
    const odd = clauses.find((clause) => !known.includes(String(clause['attribute_key'])));
    if (odd) return { status: 422, json: { error: `Invalid attribute key - [${odd['attribute_key']}]` } };
    const fits = (contact: Contact) =>
      clauses.some(({ attribute_key: key, values }) => {
        const own = standard.includes(String(key))
          ? contact[String(key)]
          : (contact['custom_attributes'] as Fields)?.[String(key)];
        return (values as string[]).includes(String(own));
      });
    return this.#ok({ meta: {}, payload: this.contacts.filter(fits) });
  }

  #create({ inbox_id: inbox, ...fields }: Fields): Answer {
    for (const key of ['identifier', 'phone_number']) {
      if (fields[key] && this.contacts.some((contact) => contact[key] === fields[key])) {
        return { status: 422, json: { message: `${key} has already been taken`, attributes: [key] } };
      }
    }
    const contact: Contact = { custom_attributes: {}, ...fields, id: ++this.#id, contact_inboxes: [] };
    this.contacts.push(contact);
    return this.#ok({ payload: { contact, contact_inbox: this.#join(contact, Number(inbox)) } });
  }

  #contact(id: number, what: string | undefined, fields: Fields): Answer {
    const contact = this.contacts.find((one) => one.id === id);
    if (!contact) return { status: 404, json: { error: 'Resource could not be found' } };
    if (what === 'contact_inboxes') return this.#ok(this.#join(contact, Number(fields['inbox_id'])));
    if (what === undefined) return this.#ok({ payload: Object.assign(contact, fields) });
    const own = this.conversations.filter((one) => one.contact === contact);
    return this.#ok({ payload: own.map(({ messages: _, contact: __, ...shown }) => shown) });
  }

  #join(contact: Contact, inbox: number) {
    const entry = { source_id: `source-${contact.id}-${inbox}`, inbox: { id: inbox } };
    contact.contact_inboxes.push(entry);
    return entry;
  }

  #open({ source_id: source, inbox_id: inbox, status }: Fields): Answer {
    const contact = this.contacts.find((one) => one.contact_inboxes.some((entry) => entry.source_id === source));
    if (!contact) return { status: 404, json: { error: 'Resource could not be found' } };
    const at = this.conversations.length;
    const times = { created_at: at, last_activity_at: at };
    const opened = { id: at + 1, inbox_id: inbox, status: String(status ?? 'open'), ...times, contact, messages: [] };
    this.conversations.push(opened);
    return this.#ok({ id: opened.id, inbox_id: inbox, status: opened.status });
  }

  #add(conversation: number, fields: Fields): Message {
    const message: Message = {
      ...{ content_attributes: {}, attachments: [], source_id: null, status: 'sent', private: false },
      ...(fields as Partial<Message>),
      content: String(fields['content'] ?? ''),
      message_type: fields['message_type'] === 'incoming' ? 'incoming' : 'outgoing',
      id: ++this.#id,
    };
    this.#conversation(conversation).messages.push(message);
    return message;
  }

  #conversation(id: number): Conversation {
    const found = this.conversations.find((one) => one.id === id);
    if (!found) throw new Error(`no conversation ${id}`);
    return found;
  }

  #ok(json: unknown): Answer {
    return { status: 200, json };
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/' } = request;
    const file = this.files.get(url);
    if (file) return void response.writeHead(200, { 'content-type': file.type }).end(file.bytes);
    const fate = this.fate(method, url);
    if (fate === 'down') return void request.socket.destroy();
    const body = await buffer(request);
    const headers = request.headers as Record<string, string | undefined>;
    const { status, json } = await this.handle(method, `${this.url}${url}`, headers, body);
    if (fate === 'lose the answer') return void request.socket.destroy();
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
  }
}

/** Twenty at a time, newest last, as Chatwoot lists them. */
const pageOf = (messages: readonly Message[], query: URLSearchParams): object[] => {
  const before = Number(query.get('before') ?? Number.POSITIVE_INFINITY);
  return messages.filter(({ id }) => id < before).slice(-20);
};

const jsonOf = (body: Uint8Array): Fields => (body.length === 0 ? {} : JSON.parse(Buffer.from(body).toString()));

const formOf = async (type: string, body: Uint8Array) => {
  const form = await new Response(Buffer.from(body), { headers: { 'content-type': type } }).formData();
  const fields: Fields = {};
  const files: Message['attachments'] = [];
  for (const [name, value] of form) {
    if (typeof value === 'string') fields[name] = name === 'content_attributes' ? JSON.parse(value) : value;
    else files.push({ name: value.name, type: value.type, bytes: Buffer.from(await value.arrayBuffer()) });
  }
  return { fields, files };
};
