/** Something whose turn has come. */
export interface Parkable {
  /** The chat whose order it keeps; undefined for what belongs to none. */
  chat(): string | undefined;
  /** Its file is still being fetched. */
  readonly awaits: Promise<unknown> | undefined;
  /** It is stored and will be published by the next connection, if this one does not. */
  readonly isKept: boolean;
}

/**
 * Facts that wait for their file, and facts of the same chats behind them. One that waits holds its own chat only: chats are
 * told of in order, each for itself.
 */
export class Parked<T extends Parkable> {
  readonly #queues = new Map<string, T[]>();
  readonly #begin: (task: T) => void;
  #isLeaving = false;

  /** `begin` is called for each in its chat's order, once its file is there. */
  constructor(begin: (task: T) => void) {
    this.#begin = begin;
  }

  get length(): number {
    let length = 0;
    for (const queue of this.#queues.values()) length += queue.length;
    return length;
  }

  /** Takes it when its turn has not come: it has to wait for a file, its own or one before it. False leaves it to the caller. */
  take(task: T): boolean {
    const chat = task.chat();
    const queue = chat === undefined ? undefined : this.#queues.get(chat);
    if (!queue && !task.awaits) return false;
    if (this.#isLeaving && task.isKept) return true;
    if (queue) {
      queue.push(task);
      return true;
    }
    const place = chat ?? '';
    const fresh = [task];
    this.#queues.set(place, fresh);
    this.#wait(place, fresh);
    return true;
  }

  /** Drops what is kept for the next connection, now and from now on; the rest goes on. */
  leave(): void {
    this.#isLeaving = true;
    for (const [chat, queue] of this.#queues) {
      const rest = queue.filter(({ isKept }) => !isKept);
      queue.splice(0, queue.length, ...rest);
      this.#drain(chat, queue);
    }
  }

  /** Resolves when the next file is there that something waits for; at once when nothing does. */
  async next(): Promise<void> {
    const files = [...this.#queues.values()].map(([head]) => head?.awaits);
    if (files.length > 0) await Promise.race(files);
  }

  clear(): void {
    for (const queue of this.#queues.values()) queue.length = 0;
    this.#queues.clear();
  }

  #wait(chat: string, queue: T[]): void {
    const [head] = queue;
    void head?.awaits?.then(() => this.#drain(chat, queue));
  }

  #drain(chat: string, queue: T[]): void {
    if (this.#queues.get(chat) !== queue) return;
    for (let head = queue[0]; head && !head.awaits; head = queue[0]) {
      queue.shift();
      this.#begin(head);
    }
    if (queue.length === 0) this.#queues.delete(chat);
    else this.#wait(chat, queue);
  }
}
