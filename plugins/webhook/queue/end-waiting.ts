import type { DeliveryRow } from '../delivery-log/outbox-schema.ts';
import type { QueueStore, StoredReads } from './stored-reads.ts';

/** Which of the waiting deliveries come to which end. */
export interface Ending {
  /** How many at most, the oldest first; asked again before each page. */
  readonly most: number | (() => number);
  /** Only those made before (ms). */
  readonly createdBefore?: number;
  readonly state: 'dead' | 'dropped';
  readonly reason: string;
}

export interface EndingOptions {
  readonly store: QueueStore;
  readonly endpoint: string;
  readonly reads: StoredReads;
  isUnderWay(id: string): boolean;
  end(row: DeliveryRow, state: 'dead' | 'dropped'): void;
  /** They are in memory no more. */
  forget(ids: ReadonlySet<string>): void;
}

const pageSize = 500;

/** Ends deliveries that wait, in memory or not, oldest first. Those under way are left alone. Says how many. */
export const endWaiting = async (ending: Ending, options: EndingOptions): Promise<number> => {
  const done = options.reads.begin();
  try {
    let count = 0;
    for (let after: string | null = ''; after !== null; ) {
      await options.store.flush();
      const page: DeliveryRow[] = await options.store.page(options.endpoint, { by: 'id', after, limit: pageSize }, 0);
      const chosen = choose(page, ending, options, count);
      for (const row of chosen) options.end(Object.assign(row, { lastError: ending.reason }), ending.state);
      options.forget(new Set(chosen.map(({ id }) => id)));
      count += chosen.length;
      after = page.length < pageSize || chosen.length === 0 ? null : (page.at(-1)?.id ?? null);
    }
    return count;
  } finally {
    done();
  }
};

const choose = (page: readonly DeliveryRow[], ending: Ending, options: EndingOptions, count: number): DeliveryRow[] => {
  const { most, createdBefore = Number.POSITIVE_INFINITY } = ending;
  const room = typeof most === 'function' ? most() : most - count;
  return page
    .filter(({ id, createdAt }) => createdAt < createdBefore && !options.isUnderWay(id) && !options.reads.hasEnded(id))
    .slice(0, Math.max(room, 0));
};
