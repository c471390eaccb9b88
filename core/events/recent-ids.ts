/**
 * The last ids: at least half of `limit`, at most `limit`. They are forgotten half of them at a time. One `Set` whose oldest
 * is taken out at each step costs fifty times as much: V8 walks over all that was removed since it last built its table.
 */
export class RecentIds {
  readonly #half: number;
  #young = new Set<string>();
  #old: ReadonlySet<string> = new Set();
  /** The last of each, in the order of ids. */
  #lastYoung = '';
  #lastOld = '';

  constructor(limit: number) {
    this.#half = Math.ceil(limit / 2);
  }

  has(id: string): boolean {
    return this.#young.has(id) || this.#old.has(id);
  }

  /** Remembers it. Returns the last, in the order of ids, of those that are forgotten with this step; null when none are. */
  add(id: string): string | null {
    this.#young.add(id);
    if (id > this.#lastYoung) this.#lastYoung = id;
    if (this.#young.size < this.#half) return null;
    const forgotten = this.#old.size > 0 ? this.#lastOld : null;
    this.#old = this.#young;
    this.#lastOld = this.#lastYoung;
    this.#young = new Set();
    this.#lastYoung = '';
    return forgotten;
  }
}
