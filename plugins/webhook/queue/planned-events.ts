import type { DeliveryRow } from '../delivery-log/outbox-schema.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';

/** A delivery of an event that is not committed yet: what rests on its cursor is not known. */
export interface Planned {
  readonly row: Omit<DeliveryRow, 'id' | 'cursor'>;
  readonly endpoint: Endpoint;
}

/** The deliveries of events that are not committed yet, by the event's id, in the order of events. */
export class PlannedEvents {
  readonly #plans = new Map<string, readonly Planned[]>();

  get size(): number {
    return this.#plans.size;
  }

  has(id: string): boolean {
    return this.#plans.has(id);
  }

  plan(id: string, planned: readonly Planned[]): void {
    this.#plans.set(id, planned);
  }

  drop(id: string): void {
    this.#plans.delete(id);
  }

  /** Takes out what was planned for an event that is committed. Commits come in order: those before it are, too, although nobody said so. */
  take(id: string): {
    readonly planned: readonly Planned[];
    readonly earlier: [id: string, planned: readonly Planned[]][];
  } {
    const planned = this.#plans.get(id) ?? [];
    const earlier: [string, readonly Planned[]][] = [];
    for (const [other, plan] of this.#plans) {
      if (planned.length === 0 || other === id) break;
      earlier.push([other, plan]);
    }
    for (const [other] of [...earlier, [id]]) this.#plans.delete(other as string);
    return { planned, earlier };
  }
}
