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
  readonly #lanes = new Map<string, T[]>();
  readonly #begin: (task: T) => void;
  #isLeaving = false;

  /** `begin` is called for each in its chat's order, once its file is there. */
  constructor(begin: (task: T) => void) {
    this.#begin = begin;
  }

  get length(): number {
    let length = 0;
    for (const lane of this.#lanes.values()) length += lane.length;
    return length;
  }

  /** Takes it when its turn has not come: it has to wait for a file, its own or one before it. False leaves it to the caller. */
  take(task: T): boolean {
    const chat = task.chat();
    const lane = chat === undefined ? undefined : this.#lanes.get(chat);
    if (!lane && !task.awaits) return false;
    if (this.#isLeaving && task.isKept) return true;
    if (lane) {
      lane.push(task);
      return true;
    }
    const place = chat ?? '';
    const fresh = [task];
    this.#lanes.set(place, fresh);
    this.#wait(place, fresh);
    return true;
  }

  /** Drops what is kept for the next connection, now and from now on; the rest goes on. */
  leave(): void {
    this.#isLeaving = true;
    for (const [chat, lane] of this.#lanes) {
      const rest = lane.filter(({ isKept }) => !isKept);
      lane.splice(0, lane.length, ...rest);
      this.#drain(chat, lane);
    }
  }

  /** Resolves when the next file is there that something waits for; at once when nothing does. */
  async next(): Promise<void> {
    const files = [...this.#lanes.values()].map(([head]) => head?.awaits);
    if (files.length > 0) await Promise.race(files);
  }

  clear(): void {
    for (const lane of this.#lanes.values()) lane.length = 0;
    this.#lanes.clear();
  }

  #wait(chat: string, lane: T[]): void {
    const [head] = lane;
    void head?.awaits?.then(() => this.#drain(chat, lane));
  }

  #drain(chat: string, lane: T[]): void {
    if (this.#lanes.get(chat) !== lane) return;
    for (let head = lane[0]; head && !head.awaits; head = lane[0]) {
      lane.shift();
      this.#begin(head);
    }
    if (lane.length === 0) this.#lanes.delete(chat);
    else this.#wait(chat, lane);
  }
}
