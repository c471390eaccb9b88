import { setTimeout } from 'node:timers/promises';
import { notHeld, storageFailed } from 'waha-runtime/storage';
import type { Link, StatementError } from './link.ts';
import type { Step } from './ops.ts';
import { type Planned, planAlone, planTogether } from './plan.ts';
import { unheldCodes } from './steps-sql.ts';
import type { Table } from './table.ts';

interface Batch {
  readonly steps: readonly Step[];
  resolve(): void;
  reject(error: unknown): void;
}

/** How many batches, and how many steps, one transaction takes at most, and how many batches may wait. */
const limits = { batches: 1_000, steps: 5_000, waiting: 10_000 };

/** Two transactions waited for each other's rows, or could not be told apart in time: the same again may succeed. */
const passing: ReadonlySet<string> = new Set(['40001', '40P01']);
const mostTries = 5;

/**
 * Commits what is asked while a commit is under way in the next one: a commit waits for the disk, and that once for all of them. A
 * transaction in which something fails is made again batch by batch, so that only those that fail reject.
 */
export class GroupCommit {
  readonly #driver: string;
  readonly #link: Link;
  readonly #waiting: Batch[] = [];
  #draining: Promise<void> | null = null;
  /** For each table, the end of the last batch that changes it. */
  readonly #last = new Map<string, Promise<void>>();

  constructor(driver: string, link: Link) {
    this.#driver = driver;
    this.#link = link;
  }

  /** How many batches wait for a commit. */
  get depth(): number {
    return this.#waiting.length;
  }

  /** Resolves when the batch is committed. */
  write(steps: readonly Step[]): Promise<void> {
    if (this.#waiting.length >= limits.waiting) {
      return Promise.reject(storageFailed(this.#driver, `${limits.waiting} writes wait already`));
    }
    const done = new Promise<void>((resolve, reject) => this.#waiting.push({ steps, resolve, reject }));
    const ended = done.catch(() => undefined);
    for (const { table } of steps) this.#last.set(table.name, ended);
    void ended.then(() => {
      for (const { table } of steps) if (this.#last.get(table.name) === ended) this.#last.delete(table.name);
    });
    this.#draining ??= this.#drain();
    return done;
  }

  /** Resolves when every write to the table that was asked for before is done, or has failed. */
  async settled(table: Table): Promise<void> {
    await this.#last.get(table.name);
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    await this.#draining;
  }

  async #drain(): Promise<void> {
    // What this turn of the event loop still asks for goes along.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const group = this.#take();
      const plan = group.length > 1 ? planTogether(group.map(({ steps }) => steps)) : null;
      if (plan === null || !(await this.#together(plan, group))) {
        for (const batch of group) await this.#alone(batch);
      }
    }
    this.#draining = null;
  }

  #take(): Batch[] {
    let steps = 0;
    const end = this.#waiting.findIndex((batch, place) => {
      steps += batch.steps.length;
      return place > 0 && (steps > limits.steps || place >= limits.batches);
    });
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : end);
  }

  /** False when each batch has to be tried by itself. */
  async #together(plan: readonly Planned[], group: readonly Batch[]): Promise<boolean> {
    try {
      await this.#commit(plan);
      for (const { resolve } of group) resolve();
      return true;
    } catch (error) {
      if (isOfStatement(error)) return false;
      for (const { reject } of group) reject(error);
      return true;
    }
  }

  async #alone({ steps, resolve, reject }: Batch): Promise<void> {
    const plan = planAlone(steps);
    try {
      await this.#commit(plan);
      resolve();
    } catch (error) {
      const step = plan[(error as StatementError).place]?.step;
      const isUnheld = isOfStatement(error) && unheldCodes.has(error.code) && step !== undefined;
      reject(isUnheld ? notHeld(this.#driver, step.table.format.schema.name, step.at) : error);
    }
  }

  async #commit(plan: readonly Planned[]): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        const answers = await this.#link.transaction(plan.map(({ statement }) => statement));
        for (const [place, { tell }] of plan.entries()) tell?.(answers[place] ?? { rows: 0, first: null });
        return;
      } catch (error) {
        if (!isOfStatement(error) || !passing.has(error.code) || tries >= mostTries) throw error;
        await setTimeout(Math.random() * 20 * tries);
      }
    }
  }
}

/** Codes of a server that goes away, or takes no more: the connection is lost, or will be, and nobody knows what became of a commit. */
const ofServer = /^(?:08|53|57P|58|XX)/;

const isOfStatement = (error: unknown): error is StatementError & { readonly code: string } => {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !ofServer.test(code);
};
