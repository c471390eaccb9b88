import { fits } from '../config/check-once.ts';
import { compile } from '../config/validate.ts';
import { isSessionName, type MeInfo, sessionNameRule } from '../contracts/session.ts';
import { SessionConfig } from '../contracts/session-config.ts';
import { type Collection, type Database, defineCollection, type RowOf } from '../contracts/storage.ts';
import type { AccountHistory, DesiredState, SessionRecord, SessionStore } from '../contracts/stores.ts';
import { storageFailed } from '../errors.ts';
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
  readonly #database: Pick<Database, 'driver' | 'locate'>;

  private constructor(database: Database, rows: Collection<Row>, within: TimeLimit) {
    this.#database = database;
    this.#rows = rows;
    this.#within = within;
  }

  static async open(database: Database, within: TimeLimit): Promise<CollectionSessionStore> {
    return new CollectionSessionStore(database, await database.open(schema), within);
  }

  /** In the order of creation. Throws `STORAGE_FAILED`, naming the place, for a row that somebody edited into what no session is. */
  async list(): Promise<SessionRecord[]> {
    const orderBy = [{ column: 'createdAt' }, { column: 'name' }] as const;
    const rows = await this.#within('listing the sessions', () => this.#rows.find({ orderBy }));
    for (const row of rows) await this.#check(row);
    return rows.map(recordOf);
  }

  async #check(row: Row): Promise<void> {
    const fault = faultOf(row);
    if (fault === null) return;
    const { driver } = this.#database;
    const place = (await this.#database.locate?.(schema.name, row.name)) ?? `the session ${JSON.stringify(row.name)}`;
    throw storageFailed(driver, `${place}: ${fault}; correct it there`);
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

/** What is wrong with a row, or null: people may edit it where it is a file. */
const faultOf = ({ name, engine, config, desired }: Row): string | null => {
  if (!isSessionName(name)) return `${JSON.stringify(name)} is no name of a session: it must be ${sessionNameRule}`;
  if (engine === '') return `the session '${name}' has no engine`;
  if (desired !== 'running' && desired !== 'stopped')
    return `'desired' of session '${name}' must be running or stopped`;
  if (fits(SessionConfig, structuredClone(config ?? {}))) return null;
  const checked = compile(SessionConfig)(config);
  return checked.ok ? null : `the config of session '${name}' is wrong: ${checked.violations[0]?.message}`;
};

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
