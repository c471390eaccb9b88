/**
 * Deliveries come at least once: a retry whose first attempt did arrive is a duplicate. `webhook-id` is the same for
 * all of them. Keep the ids in your database, in the transaction that handles the event; this one keeps them in memory.
 */
export class Once {
  #remembered;
  /** @type {Map<string, Promise<void>>} */
  #done = new Map();

  constructor({ remembered = 10_000 } = {}) {
    this.#remembered = remembered;
  }

  /**
   * Runs the work unless it was done for this id. A duplicate that comes in the meantime waits for the first one;
   * work that fails is forgotten, so that the retry does it.
   *
   * @param {string} id
   * @param {() => Promise<void> | void} work
   * @returns {Promise<'handled' | 'duplicate'>}
   */
  async run(id, work) {
    const before = this.#done.get(id);
    if (before) {
      await before;
      return 'duplicate';
    }
    const done = (async () => work())();
    this.#done.set(id, done);
    try {
      await done;
    } catch (error) {
      this.#done.delete(id);
      throw error;
    }
    for (const oldest of this.#done.keys()) {
      if (this.#done.size <= this.#remembered) break;
      this.#done.delete(oldest);
    }
    return 'handled';
  }
}
