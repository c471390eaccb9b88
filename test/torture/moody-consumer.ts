import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { RuntimeEvent, WAMessage } from '../../core/index.ts';
import { freePort } from '../support/free-port.ts';

/** How a consumer treats what comes: takes it, answers 500, never answers, or is not there at all. */
export type Mood = 'well' | 'errors' | 'hangs' | 'away';

/** What one event id was seen with. */
export interface Seen {
  readonly event: RuntimeEvent;
  /** How often it came and was taken. */
  taken: number;
  /** How often it came with other bytes than the first time. */
  changed: number;
  readonly body: string;
}

/** A webhook consumer that is not always well. What it takes, it remembers. */
export class MoodyConsumer {
  /** By event id: what was answered with 200. */
  readonly events = new Map<string, Seen>();
  /** Ids of WhatsApp messages that came as `message`. */
  readonly messages = new Set<string>();
  requests = 0;
  onRequest: () => void = () => undefined;
  readonly #waiters = new Set<() => void>();
  readonly #sockets = new Set<Socket>();
  readonly #hanging = new Set<ServerResponse>();
  readonly #port: number;
  #server: Server | null = null;
  #mood: Mood = 'well';

  private constructor(port: number) {
    this.#port = port;
  }

  static async start(): Promise<MoodyConsumer> {
    const consumer = new MoodyConsumer(await freePort());
    await consumer.#listen();
    return consumer;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/hook`;
  }

  async be(mood: Mood): Promise<void> {
    this.#mood = mood;
    for (const response of this.#hanging) response.destroy();
    this.#hanging.clear();
    if (mood === 'away') await this.close();
    else if (!this.#server) await this.#listen();
  }

  /** Resolves when `accept` says yes after something came. */
  until(accept: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!accept()) return;
        this.#waiters.delete(look);
        resolve();
      };
      this.#waiters.add(look);
      look();
    });
  }

  close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => (server ? server.close(() => resolve()) : resolve()));
  }

  #listen(): Promise<void> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => this.#answer(Buffer.concat(chunks).toString('utf8'), response));
    });
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#server = server;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, '127.0.0.1', resolve);
    });
  }

  #answer(body: string, response: ServerResponse): void {
    this.requests += 1;
    this.onRequest();
    if (this.#mood === 'hangs') return void this.#hanging.add(response);
    if (this.#mood !== 'well') return void response.writeHead(500).end();
    this.#take(body);
    response.writeHead(200).end();
    for (const look of [...this.#waiters]) look();
  }

  #take(body: string): void {
    const event = JSON.parse(body) as RuntimeEvent;
    const seen = this.events.get(event.id);
    if (seen) {
      seen.taken += 1;
      if (seen.body !== body) seen.changed += 1;
      return;
    }
    this.events.set(event.id, { event, taken: 1, changed: 0, body });
    if (event.event === 'message') this.messages.add((event.payload as WAMessage).id.split('_')[2] ?? '');
  }
}
