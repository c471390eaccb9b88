import type { MeInfo } from '../contracts/session.ts';
import type { SessionConfig } from '../contracts/session-config.ts';
import { type Collection, type Database, defineCollection, type RowOf } from '../contracts/storage.ts';
import type { AccountHistory, DesiredState, SessionRecord, SessionStore } from '../contracts/stores.ts';
import type { TimeLimit } from './time-limit.ts';

const schema = defineCollection({
  name: 'sessions',
  columns: {
    name: { type: 'text' },
    engine: { type: 'text' },
    config: { type: 'json' },
    desired: { type: 'text' },
    me: { type: 'json', nullable: true },
    // `SessionRecord.accountHistory`, by the name that databases have had since the first version.
    traces: { type: 'json', nullable: true },
    createdAt: { type: 'integer' },
    updatedAt: { type: 'integer' },
  },
  key: ['name'],
});
type Row = RowOf<typeof schema>;

/** The session definitions, one row each. */
export class CollectionSessionStore implements SessionStore {
  readonly #rows: Collection<Row>;
  readonly #within: TimeLimit;

  private constructor(rows: Collection<Row>, within: TimeLimit) {
    this.#rows = rows;
    this.#within = within;
  }

  static async open(database: Database, within: TimeLimit): Promise<CollectionSessionStore> {
    return new CollectionSessionStore(await database.open(schema), within);
  }

  /** In the order of creation. */
  async list(): Promise<SessionRecord[]> {
    const orderBy = [{ column: 'createdAt' }, { column: 'name' }] as const;
    const rows = await this.#within('listing the sessions', () => this.#rows.find({ orderBy }));
    return rows.map(recordOf);
  }

  async get(name: string): Promise<SessionRecord | null> {
    const row = await this.#within(`reading session '${name}'`, () => this.#rows.get({ name }));
    return row === null ? null : recordOf(row);
  }

  async put(record: SessionRecord): Promise<void> {
    const { name, engine, config, desired, me, accountHistory, createdAt, updatedAt } = record;
    const row = { name, engine, config, desired, me, traces: accountHistory ?? null, createdAt, updatedAt };
    await this.#within(`saving session '${name}'`, () => this.#rows.put(row));
  }

  async remove(name: string): Promise<void> {
    await this.#within(`removing session '${name}'`, () => this.#rows.remove({ name }));
  }
}

const recordOf = (row: Row): SessionRecord => ({
  name: row.name,
  engine: row.engine,
  config: (row.config ?? {}) as SessionConfig,
  desired: row.desired as DesiredState,
  me: row.me as MeInfo | null,
  accountHistory: (row.traces ?? null) as AccountHistory | null,
  createdAt: row.createdAt,
  updatedAt: row.updatedAt,
});
