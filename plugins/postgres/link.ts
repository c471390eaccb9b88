import { createHash } from 'node:crypto';
import pg from 'pg';
import { type BackoffLimits, backoff, type Clock, type Log, sentence } from 'waha-runtime';
import type { Answer } from './plan.ts';
import type { Statement } from './sql.ts';

export interface LinkOptions {
  readonly connection: pg.ClientConfig;
  /** Whether a pooler gives each transaction another connection of the server: then nothing may be kept between them. */
  readonly pooled: boolean;
  readonly clock: Clock;
  readonly log: Pick<Log, 'warn' | 'info'>;
  /** How long (ms) an answer may take; a server that is gone without a word never answers. 15 s when absent. */
  readonly patience?: number;
}

/** How long (ms) an open transaction may stand still, and wait for a lock: locks of a process that stands still are freed. */
const limits = { idle_in_transaction_session_timeout: 1_000, lock_timeout: 5_000 };
const pauses: BackoffLimits = { first: 100, longest: 5_000 };
/** How many statements are prepared at most on one connection. */
const mostPrepared = 500;
const usualPatience = 15_000;

const integers = 20;

/** An error of a statement, with its place in the transaction. */
export interface StatementError extends Error {
  readonly place: number;
  /** The SQLSTATE; absent when the connection failed. */
  readonly code?: string;
}

/**
 * One connection to the server, made at the first call and made anew after it was lost. Calls are sent at once, one behind the
 * other, and answered in order. What was under way when the connection is lost rejects, and nobody knows whether it was done.
 */
export class Link {
  readonly #options: LinkOptions;
  #client: Promise<pg.Client> | null = null;
  /** The client whose end is news. */
  #live: pg.Client | null = null;
  #failures = 0;
  #notBefore = 0;
  #failure: Error | null = null;
  readonly #names = new Map<string, string>();
  #closed = false;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** Whether it has a connection, as far as is known. */
  get failure(): string | null {
    return this.#failure === null ? null : sentence(this.#failure);
  }

  /** The rows as lists of values. */
  async rows({ text, values }: Statement): Promise<unknown[][]> {
    const client = await this.#connected();
    const { rows } = await client.query({ ...this.#named(text), values: [...values], rowMode: 'array' });
    return rows;
  }

  /** Runs all statements or none. Rejects with a `StatementError`. */
  async transaction(statements: readonly Statement[]): Promise<Answer[]> {
    const client = await this.#connected();
    const begin = this.#options.pooled ? `BEGIN; ${settings('SET LOCAL')}` : 'BEGIN';
    const queries = statements.map(({ text, values }) => ({ ...this.#named(text), values: [...values] }));
    const isOne = statements.length === 1 && !this.#options.pooled;
    const all = isOne ? queries : [{ text: begin }, ...queries, { text: 'COMMIT' }];
    const outcomes = await Promise.allSettled(
      all.map((query) => client.query<unknown[]>({ ...query, rowMode: 'array' })),
    );
    const failed = outcomes.findIndex(({ status }) => status === 'rejected');
    const failure = outcomes[failed];
    if (failure?.status === 'rejected') throw Object.assign(failure.reason, { place: failed - (isOne ? 0 : 1) });
    const results = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    return results
      .slice(isOne ? 0 : 1, isOne ? 1 : -1)
      .map(({ rowCount, rows }) => ({ rows: rowCount ?? 0, first: rows[0]?.[0] }));
  }

  /** Ends the connection when everything that was asked is answered. */
  async close(): Promise<void> {
    this.#closed = true;
    const client = await this.#client?.catch(() => null);
    await client?.end().catch(() => undefined);
  }

  #named(text: string): { readonly text: string; readonly name?: string } {
    if (this.#options.pooled) return { text };
    const known = this.#names.get(text);
    if (known !== undefined) return { text, name: known };
    if (this.#names.size >= mostPrepared) return { text };
    const name = createHash('sha256').update(text).digest('base64url').slice(0, 32);
    this.#names.set(text, name);
    return { text, name };
  }

  #connected(): Promise<pg.Client> {
    if (this.#closed) return Promise.reject(new Error('the connection is closed'));
    if (this.#client === null && this.#failure !== null && this.#options.clock.now() < this.#notBefore) {
      return Promise.reject(this.#failure);
    }
    this.#client ??= this.#connect();
    return this.#client;
  }

  async #connect(): Promise<pg.Client> {
    const { connection, pooled, clock, log, patience = usualPatience } = this.#options;
    const connectionTimeoutMillis = Math.min(connection.connectionTimeoutMillis ?? patience, patience);
    const client = new pg.Client({ ...connection, connectionTimeoutMillis, pipeline: true, query_timeout: patience });
    client.setTypeParser(integers, (text: string) => Number(text));
    const lost = (error: Error): void => this.#lost(client, error);
    client.on('error', lost);
    client.on('end', () => lost(new Error('the server has closed the connection')));
    this.#live = client;
    try {
      await client.connect();
      if (!pooled) await client.query(settings('SET'));
      if (this.#failures > 0) log.info('the connection to the database is back');
      this.#failures = 0;
      this.#failure = null;
      return client;
    } catch (error) {
      this.#lost(client, error as Error);
      this.#notBefore = clock.now() + backoff(++this.#failures, pauses);
      client.end().catch(() => undefined);
      throw error;
    }
  }

  #lost(client: pg.Client, error: Error): void {
    if (this.#live !== client) return;
    this.#live = null;
    this.#client = null;
    if (this.#closed) return;
    if (this.#failure === null) this.#options.log.warn(`the connection to the database is lost: ${sentence(error)}`);
    this.#failure = error;
  }
}

const settings = (how: 'SET' | 'SET LOCAL'): string =>
  Object.entries(limits)
    .map(([name, value]) => `${how} ${name} = ${value}`)
    .join('; ');
