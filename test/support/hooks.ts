import { createHmac } from 'node:crypto';
import type { SessionStatusPayload } from '../../core/contracts/session.ts';
import type { RuntimeEvent } from '../../core/index.ts';
import { hmacKey } from './deployment.ts';
import { type Received, type Receiver, startReceiver } from './receiver.ts';

/** A webhook that arrived. */
export interface Hook {
  readonly event: RuntimeEvent;
  /** Whether its signature is that of the very bytes that came. */
  readonly signed: boolean;
  /** Whether it came before under the same id, as after a kill: it is no news then. */
  readonly again: boolean;
  /** The header that goes on with the trace of a request. */
  readonly traceparent: string | undefined;
}

/** How long a test waits for a webhook before it says what came instead. */
const patience = 50_000;

/** The user's side of the webhooks: a real HTTP server whose requests are read as events, in the order in which they came. */
export class Hooks {
  readonly all: Hook[] = [];
  readonly #receiver: Receiver;
  readonly #waiting = new Set<() => void>();
  readonly #ids = new Set<string>();
  /** Called with every webhook, before anybody who waits for it. */
  onHook: (hook: Hook) => void = () => undefined;

  private constructor(receiver: Receiver) {
    this.#receiver = receiver;
    void this.#read();
  }

  static async start(): Promise<Hooks> {
    return new Hooks(await startReceiver());
  }

  get url(): string {
    return `${this.#receiver.url}/hook`;
  }

  /** The first event of a name, from `from` on, that `accept` says yes to: one that is there already, or one to come, and no repeat. */
  next(
    name: string,
    accept: (event: RuntimeEvent) => boolean = () => true,
    from = 0,
    limit = patience,
  ): Promise<RuntimeEvent> {
    return new Promise((resolve, reject) => {
      const late = () => reject(new Error(`no ${name} came; there were: ${this.#summary(from)}`));
      const timer = setTimeout(late, limit);
      const look = (): void => {
        const found = this.all.slice(from).find(({ event, again }) => !again && event.event === name && accept(event));
        if (!found) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(found.event);
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** The next `session.status` of a session with this status. */
  status(session: string, status: string, from = 0, limit = patience): Promise<RuntimeEvent> {
    const fits = (event: RuntimeEvent) =>
      event.session === session && (event.payload as SessionStatusPayload).status === status;
    return this.next('session.status', fits, from, limit);
  }

  /** Resolves when all of these events have come. */
  arrived(ids: Iterable<string>, limit = patience): Promise<void> {
    return new Promise((resolve, reject) => {
      let missing = [...ids];
      const late = () => reject(new Error(`${missing.length} events did not come; there were: ${this.#summary(0)}`));
      const timer = setTimeout(late, limit);
      const look = (): void => {
        missing = missing.filter((id) => !this.#ids.has(id));
        if (missing.length > 0) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** The statuses of a session so far, in order. */
  statuses(session: string): string[] {
    return this.all
      .filter(({ event, again }) => !again && event.event === 'session.status' && event.session === session)
      .map(({ event }) => (event.payload as SessionStatusPayload).status);
  }

  close(): Promise<void> {
    return this.#receiver.close();
  }

  async #read(): Promise<void> {
    for (;;) {
      const { event, signed, traceparent } = read(await this.#receiver.next());
      const hook = { event, signed, traceparent, again: this.#ids.has(event.id) };
      this.#ids.add(event.id);
      this.all.push(hook);
      this.onHook(hook);
      for (const look of [...this.#waiting]) look();
    }
  }

  #summary(from: number): string {
    const said = ({ event }: Hook) =>
      event.event === 'session.status'
        ? `${event.session} ${JSON.stringify(event.payload)}`
        : `${event.session} ${event.event}`;
    return this.all.slice(from).map(said).join(', ') || 'none';
  }
}

const read = ({ headers, body, text }: Received): Omit<Hook, 'again'> => {
  const expected = createHmac('sha512', hmacKey).update(body).digest('hex');
  const signed = headers['x-webhook-hmac'] === expected && headers['x-webhook-hmac-algorithm'] === 'sha512';
  return { event: JSON.parse(text) as RuntimeEvent, signed, traceparent: headers['traceparent'] };
};
