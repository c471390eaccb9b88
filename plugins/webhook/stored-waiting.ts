import type { DeliveryRow } from './outbox-schema.ts';
import type { LaneStore, StoredReads } from './stored-reads.ts';

/** Which of the waiting deliveries come to which end. */
export interface Ending {
  /** How many at most, the oldest first; asked again before each page. */
  readonly most: number | (() => number);
  /** Only those made before (ms). */
  readonly createdBefore?: number;
  readonly state: 'dead' | 'dropped';
  readonly reason: string;
}

export interface EndingParts {
  readonly store: LaneStore;
  readonly endpoint: string;
  readonly reads: StoredReads;
  isUnderWay(id: string): boolean;
  end(row: DeliveryRow, state: 'dead' | 'dropped'): void;
  /** They are in memory no more. */
  forget(ids: ReadonlySet<string>): void;
}

const pageSize = 500;

/** Ends deliveries that wait, in memory or not, oldest first. Those under way are left alone. Says how many. */
export const endWaiting = async (ending: Ending, parts: EndingParts): Promise<number> => {
  const done = parts.reads.begin();
  try {
    let count = 0;
    for (let after: string | null = ''; after !== null; ) {
      await parts.store.flush();
      const page: DeliveryRow[] = await parts.store.page(parts.endpoint, { by: 'id', after, limit: pageSize }, 0);
      const chosen = choose(page, ending, parts, count);
      for (const row of chosen) parts.end(Object.assign(row, { lastError: ending.reason }), ending.state);
      parts.forget(new Set(chosen.map(({ id }) => id)));
      count += chosen.length;
      after = page.length < pageSize || chosen.length === 0 ? null : (page.at(-1)?.id ?? null);
    }
    return count;
  } finally {
    done();
  }
};

const choose = (page: readonly DeliveryRow[], ending: Ending, parts: EndingParts, count: number): DeliveryRow[] => {
  const { most, createdBefore = Number.POSITIVE_INFINITY } = ending;
  const room = typeof most === 'function' ? most() : most - count;
  return page
    .filter(({ id, createdAt }) => createdAt < createdBefore && !parts.isUnderWay(id) && !parts.reads.hasEnded(id))
    .slice(0, Math.max(room, 0));
};
