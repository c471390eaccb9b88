import { fileError, SerialQueue } from 'waha-runtime';

export interface QuotaOptions {
  readonly limit: number;
  /** What is stored (bytes). */
  used(): number;
  /** Frees so many bytes, as far as that can be done. Undefined: nothing is removed to make room. */
  readonly free: ((bytes: number) => Promise<void>) | undefined;
}

/** Room for files: what is stored and what is being fetched never exceed the limit. */
export class Quota {
  readonly #options: QuotaOptions;
  #reserved = 0;
  readonly #freeing = new SerialQueue();

  constructor(options: QuotaOptions) {
    this.#options = options;
  }

  /** Runs the work with room for a file of this size. Throws `storage_full` when there is none. */
  async with<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    if (this.#lacks(bytes) > 0) await this.#makeRoom(bytes);
    if (this.#lacks(bytes) > 0) throw fileError('storage_full', 'there is no room for the file');
    this.#reserved += bytes;
    try {
      return await work();
    } finally {
      this.#reserved -= bytes;
    }
  }

  /** One at a time: two that need room do not remove the same files twice. */
  #makeRoom(bytes: number): Promise<void> {
    const { free } = this.#options;
    if (!free) return Promise.resolve();
    return this.#freeing.run(async () => {
      const lacking = this.#lacks(bytes);
      if (lacking > 0) await free(lacking);
    });
  }

  #lacks(bytes: number): number {
    return this.#options.used() + this.#reserved + bytes - this.#options.limit;
  }
}
