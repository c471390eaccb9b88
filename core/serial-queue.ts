/** Runs work one after the other, in the order in which it was given. What fails does not hold up what follows. */
export class SerialQueue {
  #last: Promise<unknown> = Promise.resolve();

  /** Settles as the work does. */
  run<T>(work: () => T | Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Resolves when everything that was given so far is done. Never rejects. */
  async idle(): Promise<void> {
    await this.#last;
  }
}

/** A serial queue for each key; different keys do not wait for each other, and a key that is done is forgotten. */
export class KeyedSerialQueue {
  readonly #queues = new Map<string, { readonly queue: SerialQueue; waiting: number }>();

  /** Settles as the work does. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const entry = this.#queues.get(key) ?? { queue: new SerialQueue(), waiting: 0 };
    this.#queues.set(key, entry);
    entry.waiting++;
    try {
      return await entry.queue.run(work);
    } finally {
      entry.waiting--;
      if (entry.waiting === 0) this.#queues.delete(key);
    }
  }
}
