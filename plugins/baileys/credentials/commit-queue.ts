import type { AuthChanges, KeyChange, SessionAuth } from 'waha-runtime/engine';
import { type Deferred, deferred } from '../deferred.ts';

interface Batch {
  readonly keys: Map<string, KeyChange>;
  credentials: boolean;
  readonly done: Deferred<void>;
}

export interface CommitQueueOptions {
  readonly auth: SessionAuth;
  /** The credentials as they are when their batch is written; undefined while there is nothing worth keeping. */
  credentials(): AuthChanges['credentials'];
  /** A write failed: what is in memory has left what is on disk behind. Called once; nothing is written any more. */
  onFailure(error: unknown): void;
}

/**
 * Writes credentials and keys in the order of the calls. What is asked for while a write is under way goes into the next
 * one together, so that a counter in the credentials and the keys it counts are never torn apart. After a write that failed none
 * is made: a session that had gone on from the failed one would be stored, and say that messages were read whose plaintext was not.
 */
export class CommitQueue {
  readonly #options: CommitQueueOptions;
  #next: Batch | undefined;
  #writing: Batch | undefined;
  #running: Promise<void> | undefined;
  #failed: { readonly error: unknown } | undefined;

  constructor(options: CommitQueueOptions) {
    this.#options = options;
  }

  /** Resolves when the keys are durable. */
  keys(changes: readonly KeyChange[]): Promise<void> {
    const batch = this.#batch();
    for (const change of changes) batch.keys.set(`${change.type}.${change.id}`, change);
    return batch.done.promise;
  }

  /** What is about to be written for this key: null for its removal, undefined when nothing is. */
  pending(type: string, id: string): Uint8Array | null | undefined {
    const key = `${type}.${id}`;
    return (this.#next?.keys.get(key) ?? this.#writing?.keys.get(key))?.value;
  }

  /** Resolves when the credentials, as they are by then, are durable. */
  credentials(): Promise<void> {
    const batch = this.#batch();
    batch.credentials = true;
    return batch.done.promise;
  }

  /** Resolves when everything asked for so far is durable or has failed. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  #batch(): Batch {
    this.#next ??= { keys: new Map(), credentials: false, done: deferred() };
    this.#running ??= this.#run();
    return this.#next;
  }

  async #run(): Promise<void> {
    // Whatever the same turn of the event loop asks for is one batch.
    await Promise.resolve();
    for (let batch = this.#take(); batch; batch = this.#take()) {
      this.#writing = batch;
      await this.#write(batch);
      this.#writing = undefined;
    }
    this.#running = undefined;
  }

  #take(): Batch | undefined {
    const batch = this.#next;
    this.#next = undefined;
    return batch;
  }

  async #write(batch: Batch): Promise<void> {
    if (this.#failed) return batch.done.reject(this.#failed.error);
    const { auth, onFailure } = this.#options;
    const credentials = batch.credentials ? this.#options.credentials() : undefined;
    const keys = [...batch.keys.values()];
    try {
      if (credentials || keys.length > 0) {
        await auth.commit({ ...(credentials ? { credentials } : {}), ...(keys.length > 0 ? { keys } : {}) });
      }
      batch.done.resolve();
    } catch (error) {
      this.#failed = { error };
      batch.done.reject(error);
      onFailure(error);
    }
  }
}
