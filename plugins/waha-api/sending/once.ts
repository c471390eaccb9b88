import {
  badRequest,
  type Collection,
  type Database,
  defineCollection,
  idempotencyConflict,
  isRuntimeError,
  type Log,
  type RowOf,
  reply,
  sentence,
} from 'waha-runtime';
import { hash } from './hash.ts';

const schema = defineCollection({
  name: 'sends_once',
  columns: {
    /** The session, the operation and the caller's key, hashed. */
    key: { type: 'text' },
    /** Null in rows of the first version. */
    session: { type: 'text', nullable: true },
    /** Of what was asked for. */
    content: { type: 'text' },
    /** The id of the message, chosen before it is sent. */
    message: { type: 'text', nullable: true },
    /** Null until WhatsApp has taken it. */
    answer: { type: 'json', nullable: true },
    done: { type: 'integer' },
    at: { type: 'integer' },
  },
  key: ['key'],
  indexes: [['at'], ['session']],
});
type Row = RowOf<typeof schema>;

const KEPT = 10_000;
const LIFETIME_MS = 24 * 60 * 60 * 1000;
/** So many keys are written between two looks for old ones. */
const PRUNE_EVERY = 200;

/** A request that may come again. */
export interface Repeatable {
  /** The Idempotency-Key header. */
  readonly key: string | undefined;
  readonly session: string;
  readonly operation: string;
  /** Body, or query. */
  readonly content: unknown;
}

export interface OnceOptions {
  now(): number;
  readonly log: Log;
  /** A fresh message id of a session that is WORKING, if its engine makes them; rejects when it is not. */
  newId(session: string): Promise<string | undefined>;
}

interface UnderWay {
  readonly content: string;
  readonly answer: Promise<unknown>;
}

/**
 * Does what a request asks for once, however often it comes under the same key. The answer is kept for a day. The id of
 * the message is chosen and stored before it is sent: when the process dies in between, or nobody knows whether WhatsApp
 * took it, the repeated request sends under the same id again, and the other side shows it once.
 */
export class Once {
  readonly #options: OnceOptions;
  readonly #underWay = new Map<string, UnderWay>();
  readonly #rows: Collection<Row>;
  #written = 0;

  private constructor(rows: Collection<Row>, options: OnceOptions) {
    this.#rows = rows;
    this.#options = options;
  }

  /** Opens the rows that keep the answers, and removes those that are too old. */
  static async open(database: Database, options: OnceOptions): Promise<Once> {
    const once = new Once(await database.open(schema), options);
    await once.#prune();
    return once;
  }

  /** `act` gets the id to send under; undefined when the request bears no key. */
  async run(request: Repeatable, act: (id: string | undefined) => Promise<unknown>): Promise<unknown> {
    const { key, session, operation } = request;
    if (key === undefined) return act(undefined);
    if (!/^[\x21-\x7e]{1,255}$/.test(key))
      throw badRequest('Idempotency-Key must be 1 to 255 visible ASCII characters');
    const place = hash([session, operation, key]);
    const content = hash(request.content);
    const running = this.#underWay.get(place);
    if (running) {
      if (running.content !== content) throw idempotencyConflict();
      return replayed(await running.answer);
    }
    const answer = this.#first({ place, content, session }, act);
    this.#underWay.set(place, { content, answer: answer.then(({ value }) => value) });
    this.#underWay.get(place)?.answer.catch(() => undefined);
    try {
      const { value, again } = await answer;
      return again ? replayed(value) : value;
    } finally {
      this.#underWay.delete(place);
    }
  }

  /** The session is deleted: a later one of its name has sent nothing yet. */
  async forget(session: string): Promise<void> {
    await this.#rows.remove({ session });
  }

  async #first(
    { place, content, session }: { readonly place: string; readonly content: string; readonly session: string },
    act: (id: string | undefined) => Promise<unknown>,
  ): Promise<{ readonly value: unknown; readonly again: boolean }> {
    const stored = await this.#find(place);
    if (stored && stored.content !== content) throw idempotencyConflict();
    if (stored?.done) return { value: stored.answer ?? undefined, again: true };
    const message = stored?.message ?? (await this.#options.newId(session)) ?? null;
    const row: Row = { key: place, session, content, message, answer: null, done: 0, at: this.#options.now() };
    if (!stored) await this.#rows.put(row);
    try {
      const value = await act(message ?? undefined);
      await this.#keep({ ...row, answer: value ?? null, done: 1 });
      return { value, again: false };
    } catch (error) {
      // Certainly nothing was sent: the next try starts afresh.
      if (isRuntimeError(error) && error.status < 500) await this.#rows.remove({ key: place }).catch(() => undefined);
      throw error;
    }
  }

  async #find(key: string): Promise<Row | null> {
    const row = await this.#rows.get({ key });
    return row && row.at >= this.#options.now() - LIFETIME_MS ? row : null;
  }

  /** The message is out: that its answer cannot be kept is no reason to say otherwise. */
  async #keep(row: Row): Promise<void> {
    const { log } = this.#options;
    await this.#rows.put(row).catch((error) => log.warn({ err: sentence(error) }, 'an answer could not be kept'));
    this.#written += 1;
    if (this.#written % PRUNE_EVERY === 0) await this.#prune();
  }

  async #prune(): Promise<void> {
    const { log, now } = this.#options;
    try {
      await this.#rows.remove({ at: { lt: now() - LIFETIME_MS } });
      const query = { orderBy: [{ column: 'at', descending: true }], offset: KEPT, limit: 1 } as const;
      const [oldest] = await this.#rows.find(query);
      if (oldest) await this.#rows.remove({ at: { lte: oldest.at } });
    } catch (error) {
      log.warn({ err: sentence(error) }, 'old idempotency keys could not be removed');
    }
  }
}

const replayed = (value: unknown) => reply({ json: value ?? {}, headers: { 'idempotent-replayed': 'true' } });
