import type { EventLog } from '../contracts/events.ts';
import { type Collection, defineCollection, type RowOf } from '../contracts/storage.ts';

const schema = defineCollection({
  // The name that databases have had since the first version.
  name: 'event_positions',
  columns: { follower: { type: 'text' }, cursor: { type: 'integer' } },
  key: ['follower'],
});

/** Up to where somebody has read the event log. Kept beside the events: whoever removes one removes the other. */
export class Checkpoint {
  cursor: number;
  readonly #rows: Collection<RowOf<typeof schema>>;
  readonly #follower: string;
  #saved: number | null;

  private constructor(rows: Collection<RowOf<typeof schema>>, follower: string, cursor: number, saved: number | null) {
    this.#rows = rows;
    this.#follower = follower;
    this.cursor = cursor;
    this.#saved = saved;
  }

  /** The checkpoint of this name, at `first` when there is none yet. */
  static async open({ database }: EventLog, follower: string, first: number): Promise<Checkpoint> {
    const rows = await database.open(schema);
    const row = await rows.get({ follower });
    const checkpoint = new Checkpoint(rows, follower, row?.cursor ?? first, row?.cursor ?? null);
    await checkpoint.save();
    return checkpoint;
  }

  /** Removes the checkpoint of this name. */
  static async forget({ database }: EventLog, follower: string): Promise<void> {
    const rows = await database.open(schema);
    await rows.remove({ follower });
  }

  /** Reads how far another process has come. */
  async refresh(): Promise<void> {
    const row = await this.#rows.get({ follower: this.#follower });
    if (!row) return;
    this.cursor = row.cursor;
    this.#saved = row.cursor;
  }

  /** Makes it durable, when it moved. */
  async save(): Promise<void> {
    const { cursor } = this;
    if (cursor === this.#saved) return;
    await this.#rows.put({ follower: this.#follower, cursor });
    this.#saved = cursor;
  }
}
