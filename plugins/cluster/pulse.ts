import { type Clock, isRuntimeError } from 'waha-runtime';
import type { ClusterTables, NodeRow } from './tables.ts';

/** What became of a beat: the database took it, refused it (somebody declared us dead, or it went back in time), or did not answer. */
export type Beat = 'taken' | 'refused' | { readonly failure: unknown };

/** The beats of this process: the row that says that it lives, written again and again on the condition that it is as it was. */
export class Pulse {
  readonly #tables: ClusterTables;
  readonly #clock: Clock;
  row: NodeRow;
  /** When the last beat that was taken was sent (ms, monotonic). */
  #takenAt = 0;
  #beating: Promise<Beat> | null = null;

  constructor(tables: ClusterTables, clock: Clock, row: NodeRow) {
    this.#tables = tables;
    this.#clock = clock;
    this.row = row;
  }

  /** For how long nobody is known to have heard of us (ms, monotonic). */
  get silence(): number {
    return this.#takenAt === 0 ? 0 : performance.now() - this.#takenAt;
  }

  /** The first one, of a new name. */
  async join(): Promise<void> {
    const sentAt = performance.now();
    this.row = { ...this.row, clock: this.#clock.now() };
    await this.#tables.database.batch([this.#tables.nodes.adding({ ...this.row })]);
    this.#takenAt = sentAt;
  }

  /** Beats; who asks while one is under way gets the outcome of that one. */
  beat(sessions: number): Promise<Beat> {
    this.#beating ??= this.#beat(sessions).finally(() => {
      this.#beating = null;
    });
    return this.#beating;
  }

  async #beat(sessions: number): Promise<Beat> {
    const { database, nodes } = this.#tables;
    const { id, beat } = this.row;
    const next = { ...this.row, beat: beat + 1, sessions, clock: this.#clock.now() };
    const sentAt = performance.now();
    try {
      await database.batch([nodes.requiring({ id, beat }), nodes.putting(next)]);
    } catch (failure) {
      if (!isRuntimeError(failure, 'NOT_HELD')) return { failure };
      // Our own beat, which nobody said was committed.
      if ((await nodes.get({ id }).catch(() => null))?.beat !== next.beat) return 'refused';
    }
    this.row = { ...next, state: this.row.state, needs: this.row.needs };
    this.#takenAt = sentAt;
    return 'taken';
  }
}
