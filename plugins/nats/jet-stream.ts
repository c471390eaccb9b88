import {
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
  type StreamConfig,
} from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { type LoggedEvent, unprocessable } from 'waha-runtime';
import type { NatsConfig } from './config.ts';

/** The broker adds the subject and the headers to the size of a message. */
const envelopeBytes = 1_024;

/** The broker's error codes (`errors.json` of nats-server): the message is larger than the stream's `max_msg_size`; */
const messageTooLarge = 10_054;
/** another stream than the expected one has the subject; */
const otherStream = 10_060;
/** the stream could not store it, for example because it would grow beyond `max_bytes`. */
const storeFailed = 10_077;

interface Connected {
  readonly connection: NatsConnection;
  readonly manager: JetStreamManager;
  readonly limits: Pick<StreamConfig, 'max_bytes' | 'max_msg_size'>;
}

/** A connection to NATS that is made at the first event and again after each failure: nothing is buffered in between. */
export class JetStream {
  readonly #config: NatsConfig;
  #connected: Connected | null = null;

  constructor(config: NatsConfig) {
    this.#config = config;
  }

  /** Resolves when the stream has stored the event. Rejects with `UNPROCESSABLE` when it is too large to be stored ever. */
  async publish({ event, body }: LoggedEvent): Promise<void> {
    const { stream, subject } = this.#config;
    try {
      this.#connected ??= await this.#connect();
      const { connection } = this.#connected;
      const size = Buffer.byteLength(body) + envelopeBytes;
      const limit = connection.info?.max_payload ?? Number.MAX_SAFE_INTEGER;
      if (size > limit) throw unprocessable(`${size} bytes are more than the broker takes (max_payload ${limit})`);
      // A dot in a session's name would begin another token of the subject.
      const topic = `${subject}.${event.session.replaceAll('.', '_')}.${event.event}`;
      const options = { msgID: event.id, expect: { streamName: stream } };
      const stored = jetstream(connection).publish(topic, body, options);
      await stored.catch((error) => this.#explain(error, topic, size));
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const connected = this.#connected;
    this.#connected = null;
    await connected?.connection.close().catch(() => undefined);
  }

  async #connect(): Promise<Connected> {
    const { servers, user, password: pass, token, stream, subject } = this.#config;
    const connection = await connect({ servers, reconnect: false, timeout: 5_000, ...given({ user, pass, token }) });
    try {
      const manager = await jetstreamManager(connection);
      const made = { name: stream, subjects: [`${subject}.>`] };
      const { config } = await manager.streams.info(stream).catch((error) => {
        if (codeOf(error) === JetStreamApiCodes.StreamNotFound) return manager.streams.add(made);
        throw error;
      });
      return { connection, manager, limits: config };
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /** Says what a refusal is about. `UNPROCESSABLE` is for what no later attempt would change. */
  async #explain(error: unknown, topic: string, size: number): Promise<never> {
    const { stream } = this.#config;
    const { max_bytes: most = -1, max_msg_size: largest = -1 } = this.#connected?.limits ?? {};
    const code = codeOf(error);
    if (code === messageTooLarge) {
      throw unprocessable(`the event is larger than stream '${stream}' takes (max_msg_size ${largest})`);
    }
    if (code === storeFailed && most > 0 && size > most) {
      throw unprocessable(`the event is larger than all of stream '${stream}' may be (max_bytes ${most})`);
    }
    if (code === otherStream || isUnanswered(error)) throw await this.#wrongSubjects(error, topic);
    throw error;
  }

  /** Nobody answers for a subject that no stream has, and the library takes that for a broker without JetStream. */
  async #wrongSubjects(error: unknown, topic: string): Promise<unknown> {
    const { stream } = this.#config;
    const { streams } = this.#connected?.manager ?? {};
    const info = await streams?.info(stream).catch(() => undefined);
    if (!info) return error;
    const owner = await streams?.find(topic).catch(() => undefined);
    if (owner === stream) return error;
    const kept = info.config.subjects?.join("', '") ?? '';
    const elsewhere = owner === undefined ? '' : `, stream '${owner}' has it`;
    return new Error(`stream '${stream}' does not take the subject '${topic}'${elsewhere}; it takes '${kept}'`);
  }
}

const codeOf = (error: unknown): number => (error instanceof JetStreamApiError ? error.code : 0);

/** The library exports no class for it. */
const isUnanswered = (error: unknown): boolean => error instanceof Error && error.name === 'JetStreamNotEnabled';

const given = (options: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(options).flatMap(([name, value]) => (value ? [[name, value]] : [])));
