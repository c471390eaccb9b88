import type { Endpoint } from './endpoint.ts';
import type { Lane } from './lane.ts';
import type { Maintenance } from './maintenance.ts';
import type { Outbox } from './outbox.ts';
import type { Recorder } from './recorder.ts';

export interface ReplayParts {
  readonly outbox: Outbox;
  readonly recorder: Recorder;
  readonly maintenance: Maintenance;
  now(): number;
  laneOf(endpoint: Endpoint): Lane;
}

/** Sends deliveries again, whatever became of them; two requests for the same one at the same time are one. */
export class Replays {
  readonly #parts: ReplayParts;
  readonly #underWay = new Set<string>();

  constructor(parts: ReplayParts) {
    this.#parts = parts;
  }

  /** Resolves when it is stored that the delivery waits again. */
  async replay(id: string, endpoint: Endpoint): Promise<void> {
    if (this.#underWay.has(id)) return;
    this.#underWay.add(id);
    try {
      await this.#replay(id, endpoint);
    } finally {
      this.#underWay.delete(id);
    }
  }

  async #replay(id: string, endpoint: Endpoint): Promise<void> {
    const { outbox, recorder, maintenance, laneOf, now } = this.#parts;
    await recorder.flush();
    const row = await outbox.get(id);
    if (!row || row.state === 'pending') return;
    const [dueAt, createdAt] = [now(), now()];
    const again = { ...row, state: 'pending', attemptsBefore: row.attempts, dueAt, createdAt, endedAt: null };
    maintenance.needs(row.cursor);
    recorder.note(id, outbox.saving(again));
    laneOf(endpoint).push({ ...again });
    await recorder.flush();
  }
}
