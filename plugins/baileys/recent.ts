/**
 * Takes the oldest entries out of a map that outgrew its limit by an eighth; `limit` of them stay. Not one at each step: V8
 * walks over all that was removed since it last built the table, which costs up to thirty times as much.
 */
export const forgetOldest = (entries: Map<string, unknown>, limit: number): void => {
  if (entries.size <= limit + Math.floor(limit / 8)) return;
  for (const oldest of entries.keys()) {
    if (entries.size <= limit) return;
    entries.delete(oldest);
  }
};

/** A map that forgets its oldest entries: the last `limit` are kept, and an eighth more at most. Reading does not count as use. */
export class Recent<V> {
  readonly #limit: number;
  readonly #entries = new Map<string, V>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): V | undefined {
    return this.#entries.get(key);
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  set(key: string, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    forgetOldest(this.#entries, this.#limit);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  /** Oldest first. */
  keys(): string[] {
    return [...this.#entries.keys()];
  }

  clear(): void {
    this.#entries.clear();
  }
}
