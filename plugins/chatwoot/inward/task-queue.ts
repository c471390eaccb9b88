import {
  backoff,
  type Clock,
  type Collection,
  type Database,
  defineCollection,
  isRuntimeError,
  type Log,
  type RowOf,
  sentence,
  unavailable,
} from 'waha-runtime';
import { ServerAway } from '../server/failures.ts';
import { type Progress, type Task, taskId } from './task.ts';

const schema = defineCollection({
  name: 'chatwoot_tasks',
  columns: {
    app: { type: 'text' },
    /** Names what an agent did: a webhook that is called twice for it makes one task. */
    id: { type: 'text' },
    /** `send`, or `command`: a session that is not connected holds up no commands. */
    lane: { type: 'text' },
    /** `waiting`, `done` or `failed`. */
    state: { type: 'text' },
    task: { type: 'json' },
    progress: { type: 'json' },
    at: { type: 'integer' },
  },
  key: ['app', 'id'],
  indexes: [
    ['app', 'lane', 'state', 'at'],
    ['state', 'at'],
  ],
});
type Row = RowOf<typeof schema>;

/** The tasks of all apps, kept in the database of the event log. */
export class TaskStore {
  readonly #rows: Collection<Row>;
  readonly #clock: Pick<Clock, 'now'>;

  private constructor(rows: Collection<Row>, clock: Pick<Clock, 'now'>) {
    this.#rows = rows;
    this.#clock = clock;
  }

  static async open(database: Database, clock: Pick<Clock, 'now'>): Promise<TaskStore> {
    return new TaskStore(await database.open(schema), clock);
  }

  /** Keeps a task, unless it is known. True when it has to be done. Rejects with `UNAVAILABLE` when too many wait. */
  async add(app: string, id: string, task: Task, maxWaiting: number): Promise<boolean> {
    const known = await this.#rows.get({ app, id });
    // A text that was there before may come back; one that is there already is no edit, however often it is told.
    const again = (task.kind === 'retry' && known?.state === 'failed') || (task.kind === 'edit' && isDone(known));
    if (known && !again) return false;
    if ((await this.waiting(app)) >= maxWaiting) throw unavailable(`${maxWaiting} messages wait for WhatsApp already`);
    const lane = task.kind === 'command' ? 'command' : 'send';
    await this.#rows.put({ app, id, lane, state: 'waiting', task, progress: {}, at: Math.floor(this.#clock.now()) });
    return true;
  }

  /** What a message says by now: its changes may have come before it, or while it waited. Null when it was deleted. */
  async contentNow(app: string, { message, content }: Extract<Task, { kind: 'send' | 'retry' }>) {
    if (await this.#rows.get({ app, id: taskId.delete(message) })) return null;
    const id = { gt: taskId.edit(message, ''), lt: `edit:${message};` };
    const orderBy = [{ column: 'at', descending: true }] as const;
    const [edit] = await this.#rows.find({ where: { app, id }, orderBy, limit: 1 });
    return (edit?.task as { readonly content: string } | undefined)?.content ?? content;
  }

  next(app: string, lane: string): Promise<Row[]> {
    const where = { app, lane, state: 'waiting' };
    return this.#rows.find({ where, orderBy: [{ column: 'at' }, { column: 'id' }], limit: 20 });
  }

  /** How many messages of agents are still to be sent. */
  waiting(app: string): Promise<number> {
    return this.#rows.count({ app, lane: 'send', state: 'waiting' });
  }

  put(row: Row): Promise<void> {
    return this.#rows.put(row);
  }

  async forget(app: string): Promise<void> {
    await this.#rows.remove({ app });
  }

  /** What is done is known for a while: webhooks may be called again. */
  async forgetBefore(time: number): Promise<void> {
    await this.#rows.remove({ state: { in: ['done', 'failed'] }, at: { lt: time } });
  }
}

const isDone = (row: Row | null): boolean => row !== null && row.state !== 'waiting';

export interface LaneOptions {
  readonly app: string;
  readonly lane: 'send' | 'command';
  readonly store: TaskStore;
  readonly clock: Clock;
  readonly log: Log;
  /** Does a task. `note` keeps how far it came, before the next step is taken. */
  perform(task: Task, progress: Progress, note: (progress: Progress) => Promise<void>): Promise<void>;
  /** Tells Chatwoot why a task cannot be done. */
  report(task: Task, failure: string): Promise<void>;
}

const pauses = { first: 500, longest: 60_000 };

/** Does the tasks of one app one after the other, each until it is done or cannot be done. */
export class TaskLane {
  readonly #options: LaneOptions;
  #running: Promise<void> | null = null;
  #again = false;
  #closed = false;
  #endPause: () => void = () => undefined;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  /** There is something to do, or what failed may succeed now. */
  wake(): void {
    if (this.#closed) return;
    this.#again = true;
    this.#endPause();
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#endPause();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { log } = this.#options;
    for (let failures = 0; this.#again && !this.#closed; ) {
      this.#again = false;
      try {
        await this.#drain();
        failures = 0;
      } catch (error) {
        if (failures++ === 0) log.warn(`messages of agents wait: ${sentence(error)}`);
        this.#again = true;
        await this.#pause(backoff(failures, pauses));
      }
    }
  }

  /** Rejects for what may succeed later; the task is the first one then, too. */
  async #drain(): Promise<void> {
    const { app, lane, store } = this.#options;
    for (;;) {
      const rows = await store.next(app, lane);
      if (rows.length === 0) return;
      for (const row of rows) {
        if (this.#closed) return;
        await this.#do(row);
      }
    }
  }

  async #do(row: Row): Promise<void> {
    const { store, perform, report, log } = this.#options;
    const task = row.task as Task;
    let progress = row.progress as Progress;
    const note = async (next: Progress): Promise<void> => {
      progress = next;
      await store.put({ ...row, progress });
    };
    try {
      if (!progress.failure) await perform(task, progress, note);
    } catch (error) {
      if (isForLater(error)) throw error;
      log.warn({ message: task.message }, `a message of an agent cannot be sent: ${sentence(error)}`);
      await note({ ...progress, failure: sentence(error).slice(0, 500) });
    }
    if (progress.failure) await report(task, progress.failure);
    await store.put({ ...row, progress, state: progress.failure ? 'failed' : 'done' });
  }

  #pause(milliseconds: number): Promise<void> {
    const { clock } = this.#options;
    return new Promise((resolve) => {
      const timer = clock.setTimeout(resolve, milliseconds);
      this.#endPause = () => {
        clock.clearTimeout(timer);
        resolve();
      };
      if (this.#closed) this.#endPause();
    });
  }
}

const later = ['SESSION_STATUS', 'CONNECTION_LOST', 'UNAVAILABLE', 'STORAGE_FAILED', 'TOO_MANY_REQUESTS'] as const;

/** Another time, another connection or another disk may take it. */
const isForLater = (error: unknown): boolean =>
  error instanceof ServerAway || later.some((code) => isRuntimeError(error, code));
