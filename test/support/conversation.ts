import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import type { RuntimeEvent, WAMessage } from '../../core/index.ts';
import { World, type WorldOptions } from './world.ts';

/** One red pixel, as base64. */
export const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC';
const page =
  '<title>x</title><meta property="og:title" content="Fish &amp; chips"><meta name=description content=Good>';

type Payload = Record<string, unknown>;
const payloadOf = (event: RuntimeEvent) => event.payload as Payload;

export type ConversationOptions = WorldOptions & { readonly config?: object };

/** A linked session, somebody who reads what it sends, and a web server with files; for all tests of a file. */
export class Conversation {
  readonly session = 'support';
  readonly phone = '4915200002001';
  readonly ana = '4915200002002';
  readonly chatId = `${this.ana}@c.us`;
  /** What the web server has, by path, besides `/page`, `/moved` and a `/huge` that is too large. */
  readonly files = new Map<string, Buffer>();
  readonly #server: Server = createServer((request, response) => {
    if (request.url === '/moved') return void response.writeHead(302, { location: '/page' }).end();
    if (request.url === '/huge') return void response.writeHead(200, { 'content-length': 65 * 1024 * 1024 }).end();
    const file = this.files.get(request.url ?? '');
    if (file) return void response.end(file);
    if (request.url !== '/page') return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': 'text/html' }).end(page);
  });
  world!: World;
  readonly #options: WorldOptions;
  readonly #config: object;

  /** `config` is that of the session. */
  constructor({ config = {}, ...options }: ConversationOptions = {}) {
    this.#options = options;
    this.#config = config;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.world = await World.start(this.#options);
    this.world.sandbox.phone(this.phone, { name: 'Shop' });
    await this.world.link(this.session, this.phone, this.#config);
  }

  async close(): Promise<void> {
    await this.world?.close();
    this.#server.close();
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get contact() {
    return this.world.sandbox.contact(this.ana);
  }

  send(path: string, body: object, headers: Record<string, string> = {}) {
    return this.world.api.call('POST', path, JSON.stringify({ session: this.session, ...body }), headers);
  }

  /** Sends to the contact, expects 201, and gives the answer with what the contact decrypted. */
  async delivered(path: string, body: object) {
    const answer = await this.send(path, { chatId: this.chatId, ...body });
    const taken = expect.objectContaining({ fromMe: true, source: 'api', ack: 1 });
    expect([answer.status, answer.body]).toEqual([201, taken]);
    const sent = answer.body as WAMessage;
    const bare = sent.id.split('_')[2] ?? '';
    const arrived = await this.contact.waitForMessage(({ id }) => id === bare);
    return { sent, bare, message: arrived.message, file: () => this.contact.download(arrived) };
  }

  /** The contact's chat as events name it. */
  get heardId(): string {
    return this.world.namesOf(this.ana).from;
  }

  /** Lets the contact write, and waits until the session has told of it. */
  async hear(text: string): Promise<{ id: string; full: string }> {
    const { id } = await this.contact.send(this.phone, text);
    await this.next('message', ({ body }) => body === text);
    return { id, full: `false_${this.heardId}_${id}` };
  }

  /** The events of one name about one message, so far. */
  about(name: string, id: string): Payload[] {
    const found = this.world.hooks.all.filter(({ event }) => event.event === name && payloadOf(event)['id'] === id);
    return found.map(({ event }) => payloadOf(event));
  }

  /** The first event of a name that fits. */
  async next(name: string, accept: (payload: Payload) => boolean): Promise<Payload> {
    return payloadOf(await this.world.hooks.next(name, (event) => accept(payloadOf(event))));
  }
}

/** Sets it up for the file that calls this. */
export const conversation = (options?: ConversationOptions): Conversation => {
  const talk = new Conversation(options);
  beforeAll(() => talk.start());
  afterEach(() => void talk.world.sandbox.faults.clear());
  afterAll(() => talk.close());
  return talk;
};
