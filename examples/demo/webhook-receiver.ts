import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A webhook as it arrived. */
export interface Received {
  readonly event: string;
  readonly payload: Readonly<Record<string, unknown>>;
  /** The HMAC-SHA512 in its header is that of the very bytes that came. */
  readonly signed: boolean;
}

type Match = (received: Received) => boolean;

/** A small HTTP server that takes webhooks, checks their signatures, and hands each out once. */
export class WebhookReceiver {
  readonly #key: string;
  readonly #server = createServer((request, response) => {
    void readBody(request).then((body) => {
      this.#take(request, body);
      response.writeHead(200).end();
    });
  });
  readonly #queue: Received[] = [];
  #waiting: { match: Match; resolve: (received: Received) => void } | null = null;

  constructor(key: string) {
    this.#key = key;
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/webhook`;
  }

  /** The next webhook that matches, one that is here already included. What comes before it is left for later. */
  next(match: Match): Promise<Received> {
    const index = this.#queue.findIndex(match);
    const [found] = index < 0 ? [] : this.#queue.splice(index, 1);
    if (found) return Promise.resolve(found);
    return new Promise((resolve) => {
      this.#waiting = { match, resolve };
    });
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #take(request: IncomingMessage, body: Buffer): void {
    const { event, payload } = JSON.parse(body.toString()) as Omit<Received, 'signed'>;
    const received = { event, payload, signed: this.#isSigned(request, body) };
    if (!this.#waiting?.match(received)) {
      this.#queue.push(received);
      return;
    }
    const { resolve } = this.#waiting;
    this.#waiting = null;
    resolve(received);
  }

  #isSigned({ headers }: IncomingMessage, body: Buffer): boolean {
    const expected = createHmac('sha512', this.#key).update(body).digest();
    const given = Buffer.from(String(headers['x-webhook-hmac'] ?? ''), 'hex');
    const sameLength = given.length === expected.length;
    return sameLength && timingSafeEqual(given, expected) && headers['x-webhook-hmac-algorithm'] === 'sha512';
  }
}

const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};
