import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { type LoggedEvent, unprocessable } from 'waha-runtime';
import type { NatsConfig } from './config.ts';

/** The broker adds the subject and the headers to the size of a message. */
const envelopeBytes = 1_024;

/** A connection to NATS that is made at the first event and again after each failure: nothing is buffered in between. */
export class JetStream {
  readonly #config: NatsConfig;
  #connection: NatsConnection | null = null;

  constructor(config: NatsConfig) {
    this.#config = config;
  }

  /** Resolves when the stream has stored the event. Rejects with `UNPROCESSABLE` when it is too large for the broker. */
  async publish({ event, body }: LoggedEvent): Promise<void> {
    const { stream, subject } = this.#config;
    try {
      this.#connection ??= await this.#connect();
      const limit = this.#connection.info?.max_payload ?? Number.MAX_SAFE_INTEGER;
      const size = Buffer.byteLength(body) + envelopeBytes;
      if (size > limit) throw unprocessable(`${size} bytes are more than the broker takes (max_payload ${limit})`);
      // A dot in a session's name would begin another token of the subject.
      const topic = `${subject}.${event.session.replaceAll('.', '_')}.${event.event}`;
      await jetstream(this.#connection).publish(topic, body, { msgID: event.id, expect: { streamName: stream } });
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = null;
    await connection?.close().catch(() => undefined);
  }

  async #connect(): Promise<NatsConnection> {
    const { servers, user, password: pass, token, stream, subject } = this.#config;
    const connection = await connect({ servers, reconnect: false, timeout: 5_000, ...given({ user, pass, token }) });
    try {
      const { streams } = await jetstreamManager(connection);
      await streams.info(stream).catch(() => streams.add({ name: stream, subjects: [`${subject}.>`] }));
      return connection;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }
}

const given = (options: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(options).flatMap(([name, value]) => (value ? [[name, value]] : [])));
