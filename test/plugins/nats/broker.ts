import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { AckPolicy, jetstream, jetstreamManager, type StreamConfig } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { freePort } from '../../support/free-port.ts';

const { NATS_SERVER } = process.env;
/** Debian's package puts it where not everybody's PATH looks. */
const places = NATS_SERVER === undefined ? ['nats-server', '/usr/sbin/nats-server'] : [NATS_SERVER];
const program = places.find((place) => spawnSync(place, ['--version']).status === 0);

/** Whether a broker is installed: `apt-get install nats-server`. */
export const hasBroker = program !== undefined;
if (!hasBroker) console.warn('SKIPPED: tests with a real NATS broker; `apt-get install nats-server` to run them');

/** What the broker stored. */
export interface Stored {
  readonly subject: string;
  readonly id: string;
  readonly text: string;
}

/** A real broker on a port of its own, which can be killed and started again on the same data. */
export class Broker {
  readonly port: number;
  readonly #folder = mkdtempSync(join(tmpdir(), 'waha-nats-'));
  readonly #more: readonly string[];
  #child: ChildProcess | null = null;

  private constructor(port: number, more: readonly string[]) {
    this.port = port;
    this.#more = more;
  }

  /** Finds a port; `start` starts it. */
  static async prepare(more: readonly string[] = []): Promise<Broker> {
    return new Broker(await freePort(), more);
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const args = ['-js', '-a', '127.0.0.1', '-p', String(this.port), '-sd', this.#folder, ...this.#more];
    const child = spawn(program ?? '', args, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child = child;
    let output = '';
    await new Promise<void>((resolve, reject) => {
      child.stderr?.on('data', (chunk: Buffer) => {
        output += chunk;
        if (output.includes('Server is ready')) resolve();
      });
      child.once('exit', () => reject(new Error(`nats-server ended:\n${output}`)));
    });
  }

  /** Ends it without a word, and waits until it is gone. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Reads the stream, once it is there, from its beginning until so many messages came. */
  async read(count: number, stream = 'WAHA', login: object = {}): Promise<Stored[]> {
    const connection = await connect({ servers: this.url, ...login });
    try {
      const manager = await jetstreamManager(connection);
      while (!(await manager.streams.info(stream).catch(() => null))) await setTimeout(20);
      const config = { ack_policy: AckPolicy.None, durable_name: `reader-${Math.random().toString(36).slice(2)}` };
      const { name } = await manager.consumers.add(stream, config);
      const consumer = await jetstream(connection).consumers.get(stream, name);
      const stored: Stored[] = [];
      while (stored.length < count) {
        const message = await consumer.next({ expires: 10_000 });
        if (!message) throw new Error(`only ${stored.length} of ${count} messages are there`);
        stored.push({
          subject: message.subject,
          id: message.headers?.get('Nats-Msg-Id') ?? '',
          text: message.string(),
        });
      }
      return stored;
    } finally {
      await connection.close();
    }
  }

  /** Makes or changes a stream, as an operator does. */
  async setStream(config: Partial<StreamConfig> & { readonly name: string }): Promise<void> {
    const connection = await connect({ servers: this.url });
    try {
      const { streams } = await jetstreamManager(connection);
      const isThere = await streams.info(config.name).catch(() => null);
      await (isThere ? streams.update(config.name, config) : streams.add(config));
    } finally {
      await connection.close();
    }
  }

  /** How many messages the stream has. */
  async count(stream = 'WAHA'): Promise<number> {
    const connection = await connect({ servers: this.url });
    try {
      const { state } = await (await jetstreamManager(connection)).streams.info(stream);
      return state.messages;
    } finally {
      await connection.close();
    }
  }
}
