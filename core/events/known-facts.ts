import type { Collection } from '../contracts/storage.ts';
import { FactFilter } from './fact-filter.ts';

/** How many facts are read at once. */
const page = 5_000;
const smallest = 50_000;

interface Facts {
  readonly fact: string | null;
}

/**
 * Which facts the log cannot have, so that it need not be asked about nearly every event. What the log had is read once, with the
 * first question, from the index alone; until that is over, and where the driver has no cheap way, nothing is known.
 */
export class KnownFacts<R extends Facts> {
  readonly #rows: Pick<Collection<R>, 'texts' | 'count'>;
  #filter: FactFilter | null = null;
  #isWhole = false;
  #reading: Promise<void> | null = null;

  constructor(rows: Pick<Collection<R>, 'texts' | 'count'>) {
    this.#rows = rows;
  }

  /** Those of them that the log may have. */
  among(facts: readonly string[]): readonly string[] {
    const filter = this.#filter;
    if (filter && this.#isWhole) return facts.filter((fact) => filter.mayHave(fact));
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null;
    });
    return facts;
  }

  /** It is about to be committed: whether or not that succeeds, the log may have it from now on. */
  add(fact: string): void {
    if (!this.#filter) return;
    this.#filter.add(fact);
    if (this.#filter.isFull) this.#forget();
  }

  /** Resolves when what was begun to be read is read. */
  async settled(): Promise<void> {
    await this.#reading;
  }

  #forget(): void {
    this.#filter = null;
    this.#isWhole = false;
  }

  async #read(): Promise<void> {
    const { texts } = this.#rows;
    if (!texts) return;
    try {
      const filter = new FactFilter(Math.max(smallest, 2 * (await this.#rows.count())));
      // From here on it has what is committed; what was before comes from the log.
      this.#filter = filter;
      for (let after = ''; ; ) {
        const facts = await texts('fact', after, page);
        for (const fact of facts) filter.add(fact);
        after = facts.at(-1) ?? after;
        if (facts.length < page) break;
      }
      this.#isWhole = this.#filter === filter;
    } catch {
      // The log is asked as before, and with the next question it is tried again.
      this.#forget();
    }
  }
}
