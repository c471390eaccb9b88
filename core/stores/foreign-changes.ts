import type { Clock } from '../contracts/clock.ts';
import { type Change, type Collection, type Database, defineCollection, type RowOf } from '../contracts/storage.ts';
import type { TimeLimit } from './time-limit.ts';

/** How many changes of each plugin's state there were. */
const schema = defineCollection({
  name: 'plugin_changes',
  columns: { plugin: { type: 'text' }, changes: { type: 'integer' } },
  key: ['plugin'],
});

/** How often one looks (ms). */
const every = 1_000;

/** Finds out that another process changed what a plugin keeps: each change is counted in its own transaction, and ours are known. */
export class ForeignChanges {
  readonly #rows: Collection<RowOf<typeof schema>>;
  readonly #within: TimeLimit;
  readonly #clock: Clock;
  /** Up to which number every change is known. */
  readonly #known: Map<string, number>;
  readonly #listeners = new Map<() => void, string>();
  #timer: unknown = null;

  private constructor(
    rows: Collection<RowOf<typeof schema>>,
    within: TimeLimit,
    clock: Clock,
    known: Map<string, number>,
  ) {
    this.#rows = rows;
    this.#within = within;
    this.#clock = clock;
    this.#known = known;
  }

  static async open(database: Database, within: TimeLimit, clock: Clock): Promise<ForeignChanges> {
    const rows = await database.open(schema);
    const known = new Map((await rows.find()).map(({ plugin, changes }) => [plugin, changes]));
    return new ForeignChanges(rows, within, clock, known);
  }

  /** The step that counts a change of ours. */
  noting(plugin: string): Change {
    return this.#rows.counting({ plugin }, 'changes', 1, (before) => {
      if (before === (this.#known.get(plugin) ?? 0)) this.#known.set(plugin, before + 1);
    });
  }

  /** Calls the listener after a change of another process; returns the way to stop. */
  listen(plugin: string, listener: () => void): () => void {
    this.#listeners.set(listener, plugin);
    if (this.#timer === null) this.#wait();
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#listeners.clear();
    if (this.#timer !== null) this.#clock.clearTimeout(this.#timer);
  }

  #wait(): void {
    this.#timer = this.#clock.setTimeout(() => {
      // A database that is away is looked at again.
      void this.#look()
        .catch(() => undefined)
        .finally(() => {
          if (this.#listeners.size > 0) this.#wait();
          else this.#timer = null;
        });
    }, every);
  }

  async #look(): Promise<void> {
    for (const { plugin, changes } of await this.#within('looking for changes of state', () => this.#rows.find())) {
      if (changes === this.#known.get(plugin)) continue;
      this.#known.set(plugin, changes);
      for (const [listener, of] of this.#listeners) if (of === plugin) listener();
    }
  }
}
