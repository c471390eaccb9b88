/**
 * The last ids: at least half of `limit`, at most `limit`. They are forgotten half of them at a time. One `Set` whose oldest
 * is taken out at each step costs fifty times as much: V8 walks over all that was removed since it last built its table.
 */
export class RecentIds {
  readonly #half: number;
  #young = new Set<string>();
  #old: ReadonlySet<string> = new Set();

  constructor(limit: number) {
    this.#half = Math.ceil(limit / 2);
  }

  has(id: string): boolean {
    return this.#young.has(id) || this.#old.has(id);
  }

  add(id: string): void {
    this.#young.add(id);
    if (this.#young.size < this.#half) return;
    this.#old = this.#young;
    this.#young = new Set();
  }
}
