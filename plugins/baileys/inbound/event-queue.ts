import { type Log, sentence } from 'waha-runtime';
import { Parked } from './parked.ts';

export interface EventQueueOptions {
  readonly log: Log;
  /** At this length `onFull` is called; `onRoom` when it has fallen to half of it. */
  readonly limit: number;
  onFull(): void;
  onRoom(): void;
}

/** A fact whose publishing may begin before that of the one before it has ended. */
export interface Fact {
  /** What has to be done before; under way already. */
  readonly prepared: Promise<unknown>;
  /** The chat whose order it keeps even while a file is fetched; asked once it is prepared. */
  chat?(): string | undefined;
  /** Its file, which is being fetched, or an answer of WhatsApp that it depends on: meanwhile other chats go on. Never rejects. */
  readonly file?: Promise<unknown> | undefined;
  /** The journal has it: a connection that closes before its file is there leaves it to the next one. */
  readonly isKept?: boolean;
  /** Hands it over, at once when called, so that the order of the calls is the order of the facts. */
  publish(): Promise<void>;
}

interface Task {
  readonly prepared: Promise<unknown> | undefined;
  readonly work: () => Promise<void>;
  /** The next one begins only when this one has ended. */
  readonly alone: boolean;
  chat(): string | undefined;
  /** Until its file is there. */
  awaits: Promise<unknown> | undefined;
  readonly isKept: boolean;
}

interface Marker {
  /** The number of the last one that it waits for, once that is known. */
  upTo: number;
  resolve(): void;
}

const taskOf = ({ prepared, publish, file, isKept = false, ...fact }: Fact): Task => {
  const chat = () => fact.chat?.();
  const task: Task = { prepared, work: publish, alone: false, chat, awaits: undefined, isKept };
  task.awaits = file?.then(() => {
    task.awaits = undefined;
  });
  return task;
};

const plainTask = (work: () => Promise<void>, alone: boolean): Task => ({
  ...{ prepared: undefined, work, alone },
  ...{ chat: () => undefined, awaits: undefined, isKept: false },
});

/**
 * Begins tasks one after the other: the order of a session's events. A task that throws is logged and passed over. Facts
 * do not wait for each other's end, so that a store takes many of them in one commit. A fact that waits for its file steps
 * aside, and so does what comes after it in its chat.
 */
export class EventQueue {
  readonly #options: EventQueueOptions;
  readonly #tasks: Task[] = [];
  /** What was begun and has not ended, by its number. */
  readonly #underWay = new Map<number, Promise<void>>();
  /** The last number that was given. */
  #begun = 0;
  /** The number up to which all have ended. */
  #ended = 0;
  /** Who waits until everything before this number has ended; the lowest number first. */
  readonly #markers: Marker[] = [];
  readonly #parked = new Parked<Task>((task) => void this.#begin(task.work));
  #running: Promise<void> | undefined;
  #full = false;
  #abandoned = false;

  constructor(options: EventQueueOptions) {
    this.#options = options;
  }

  get length(): number {
    return this.#tasks.length + this.#underWay.size + this.#parked.length;
  }

  /** Runs a task that may hand over several facts, or look things up in between: nothing begins until it has ended. */
  push(task: () => Promise<void>): void {
    this.#add(plainTask(task, true));
  }

  /** Hands over a fact in its turn; null is none. */
  pipe(fact: Fact | null): void {
    if (fact) this.#add(taskOf(fact));
  }

  /** Hands over a fact that is prepared at once: for use within a pushed task. Resolves when it has ended, or waits for a file. */
  async handOver(fact: Fact): Promise<void> {
    const task = taskOf(fact);
    // A file that is there already is no reason to step aside.
    await Promise.resolve();
    if (!this.#abandoned && !this.#parked.take(task)) await this.#begin(task.work);
  }

  /** Resolves when everything that was added before has ended, or waits for a file. */
  reached(): Promise<void> {
    // A fact that is being prepared is in neither list: then the queue runs.
    if (this.#abandoned || (this.#running === undefined && this.#underWay.size === 0)) return Promise.resolve();
    return new Promise((resolve) => {
      const marker: Marker = { upTo: Number.POSITIVE_INFINITY, resolve };
      this.#markers.push(marker);
      // As a task it begins behind those that it waits for.
      const mark = async (): Promise<void> => {
        marker.upTo = this.#begun;
      };
      if (this.#running) this.#tasks.push(plainTask(mark, false));
      else void mark();
    });
  }

  /** Resolves when nothing is left to do. */
  async idle(): Promise<void> {
    await this.#running;
    while (this.#parked.length + this.#underWay.size > 0) {
      await Promise.all([...this.#underWay.values(), this.#parked.next()]);
    }
  }

  /** Leaves to the next connection what waits for a file and is kept; what waits behind it goes on. */
  leaveFiles(): void {
    this.#parked.leave();
  }

  /** Drops what has not begun, and whatever comes. */
  abandon(): void {
    this.#abandoned = true;
    this.#tasks.length = 0;
    this.#parked.clear();
    for (const { resolve } of this.#markers.splice(0)) resolve();
  }

  #add(task: Task): void {
    if (this.#abandoned) return;
    this.#tasks.push(task);
    if (!this.#full && this.length >= this.#options.limit) {
      this.#full = true;
      this.#options.onFull();
    }
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    for (let task = this.#tasks.shift(); task; task = this.#tasks.shift()) {
      await task.prepared;
      if (this.#parked.take(task)) continue;
      const ended = this.#begin(task.work);
      if (task.alone) await ended;
    }
    this.#running = undefined;
  }

  #begin(work: () => Promise<void>): Promise<void> {
    const number = ++this.#begun;
    const ended = work()
      .catch((error) => this.#options.log.error({ err: sentence(error) }, 'an inbound fact was lost'))
      .then(() => {
        this.#underWay.delete(number);
        this.#resolveMarkers();
        if (!this.#full || this.length > this.#options.limit / 2) return;
        this.#full = false;
        this.#options.onRoom();
      });
    this.#underWay.set(number, ended);
    return ended;
  }

  #resolveMarkers(): void {
    while (this.#ended < this.#begun && !this.#underWay.has(this.#ended + 1)) this.#ended += 1;
    const reached = this.#markers.findIndex(({ upTo }) => upTo > this.#ended);
    const count = reached < 0 ? this.#markers.length : reached;
    for (const { resolve } of this.#markers.splice(0, count)) resolve();
  }
}
