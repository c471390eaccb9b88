import { afterEach } from 'vitest';
import { WebSocket } from 'ws';
import { configFrom } from '../../../core/config/load.ts';
import { type Database, definePlugin, type EventName, Points, type Principal, Tokens } from '../../../core/index.ts';
import { startRuntime } from '../../../core/runtime.ts';
import { memoryDatabase } from '../../../core/testing/memory-database.ts';
import { builtins } from '../../../plugins/index.ts';
import { SimulatedClock, settle } from '../../support/clock.ts';
import { recordingLog } from '../../support/log.ts';

export const apiKey = 'the-key';
/** Of who may use the session `ana` alone. */
export const limitedKey = 'the-limited-key';
const limited: Principal = { name: 'limited', sessions: ['ana'], rights: '*', admin: false };

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

export interface ServeOptions {
  readonly websocket?: Record<string, unknown>;
  readonly events?: Record<string, unknown>;
  readonly database?: Database;
  /** The `sessions:` of the plugin in the YAML. */
  readonly sessions?: object;
}

/** The runtime with a real HTTP server, the websocket plugin and a database in memory; only time is simulated. */
export const serveEvents = async (options: ServeOptions = {}) => {
  const { websocket = {}, events = {}, database = memoryDatabase(), sessions = {} } = options;
  // Cursors begin behind the time.
  const clock = new SimulatedClock(0);
  const log = recordingLog();
  const memory = definePlugin({
    name: 'memory',
    contributesFirst: [Points.Database],
    setup({ contribute }) {
      contribute(Points.Database, database);
      contribute(Points.KeyRing, { find: (key) => (key === limitedKey ? limited : undefined) });
    },
  });
  const runtime = await startRuntime({
    config: configFrom({
      events,
      plugins: [
        { use: 'memory' },
        // Before the server in the file, and still behind it in the order.
        { use: 'websocket', config: websocket, sessions },
        { use: 'express', config: { host: '127.0.0.1', port: 0, apiKey, closeGrace: 500 } },
      ],
    }),
    builtins: { ...builtins, memory: async () => ({ default: memory }) },
    clock,
    log,
  });
  const close = () => runtime.stop();
  cleanups.push(close);
  const [eventLog, health] = [runtime.service(Tokens.EventLog), runtime.service(Tokens.Health)];
  let made = 0;
  /** Publishes one event and waits until it is committed and handed over. */
  const publish = (event: EventName = 'chat.archive', session = 'ana', more: object = {}): Promise<void> =>
    runtime.bus.publish({ session, event, payload: { id: String(++made), ...more }, engine: 'NOWEB' } as never);
  const publishMany = async (count: number, more: object = {}): Promise<void> => {
    await Promise.all(Array.from({ length: count }, () => publish('chat.archive', 'ana', more)));
  };
  const url = (query = ''): string => `${runtime.url?.replace('http', 'ws')}/ws?${query}`;
  return {
    ...{ runtime, clock, log, eventLog, database, publish, publishMany, url, close },
    counts: async () => (await health.check()).details['websocket'] as unknown as Record<string, number>,
    dial: (query = '', options: object = {}) => Listener.dial(url(query), options),
    /** A client with the key, once it is connected. */
    listen: async (query = '', options: object = {}) => {
      const listener = Listener.dial(url(`x-api-key=${apiKey}&${query}`), options);
      await listener.opened;
      return listener;
    },
  };
};

/** An event or control frame, parsed. */
export interface Frame {
  readonly event: string;
  readonly session: string;
  readonly cursor: number;
  readonly payload: Record<string, unknown>;
}

/** What a refused upgrade was answered with. */
export interface Refusal {
  readonly status: number;
  readonly body: { message: unknown; statusCode: number };
}

/** The user's side of a WebSocket: keeps what comes. */
export class Listener {
  readonly socket: WebSocket;
  readonly raw: string[] = [];
  readonly frames: Frame[] = [];
  /** Headers of the upgrade's answer. */
  readonly opened: Promise<Record<string, string | undefined>>;
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly refused: Promise<Refusal>;
  readonly #waiting = new Set<() => void>();
  onFrame: (frame: Frame) => void = () => undefined;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('error', () => undefined);
    socket.on('message', (data, isBinary) => this.#take(String(data), isBinary));
    this.closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => resolve({ code, reason: String(reason) }));
    });
    this.opened = new Promise((resolve) => {
      socket.once('upgrade', ({ headers }) =>
        socket.once('open', () => resolve(headers as Record<string, string | undefined>)),
      );
    });
    this.refused = new Promise((resolve) => {
      socket.once('unexpected-response', async (_, response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of response) chunks.push(chunk as Buffer);
        resolve({ status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString()) });
      });
    });
  }

  static dial(url: string, options: object = {}): Listener {
    const listener = new Listener(new WebSocket(url, options));
    cleanups.push(() => listener.socket.terminate());
    return listener;
  }

  /** Resolves when so many frames are there. */
  until(count: number): Promise<Frame[]> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.frames.length < count) return;
        this.#waiting.delete(look);
        resolve(this.frames);
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** Resolves when the server has read everything that this side sent, and this side everything that it answered. */
  async level(): Promise<void> {
    const answered = new Promise((resolve) => this.socket.once('pong', resolve));
    this.socket.ping();
    await answered;
    await settle();
  }

  /** The numbers that `publish` gave. */
  get ids(): string[] {
    return this.events.map(({ payload }) => String(payload['id']));
  }

  get events(): Frame[] {
    return this.frames.filter(({ event }) => !event.startsWith('resume.'));
  }

  #take(text: string, isBinary: boolean): void {
    if (isBinary) throw new Error('a binary frame came');
    const frame = JSON.parse(text) as Frame;
    this.raw.push(text);
    this.frames.push(frame);
    this.onFrame(frame);
    for (const look of [...this.#waiting]) look();
  }
}

/** The numbers from one to another as `publish` gives them. */
export const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => String(from + index));
