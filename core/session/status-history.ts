import type { StatusPoint, Transition } from '../contracts/session.ts';
import type { StatusEmitted } from './context.ts';
import { reasonOf } from './status-details.ts';

/** How many statuses an event carries, and how many transitions are kept. */
const statusesInEvent = 3;
const transitionsKept = 100;

/** What a session went through: every status that was told, and every reason, told or not. */
export class StatusHistory {
  readonly #transitions: Transition[] = [];
  #statuses: readonly StatusPoint[] = [];

  get transitions(): readonly Transition[] {
    return this.#transitions;
  }

  /** The last three that were told, oldest first. */
  get statuses(): readonly StatusPoint[] {
    return this.#statuses;
  }

  /** A status that is told. */
  enter(status: StatusEmitted, timestamp: number): void {
    this.#statuses = [...this.#statuses, { status: status.status, timestamp }].slice(-statusesInEvent);
    this.#keep(status, timestamp);
  }

  /** The status before, which is not told again; a new reason is worth a line. */
  repeat(status: StatusEmitted, timestamp: number): void {
    if (status.reason !== null && status.reason !== this.#transitions.at(-1)?.reason) this.#keep(status, timestamp);
  }

  #keep(status: StatusEmitted, timestamp: number): void {
    this.#transitions.push({ status: status.status, timestamp, ...reasonOf(status) });
    if (this.#transitions.length > transitionsKept) this.#transitions.shift();
  }
}
