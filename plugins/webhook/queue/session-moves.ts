import type { Change, Ownership } from 'waha-runtime';
import type { Outbox } from '../delivery-log/outbox.ts';
import type { EndpointRow } from '../delivery-log/outbox-schema.ts';

export interface MovesOptions {
  readonly outbox: Outbox;
  readonly ownership: Ownership;
  /** Makes the queue of an endpoint anew from what waits in the database. */
  reopen(row: EndpointRow): Promise<void>;
}

/** Deliveries belong to the process that has their session: these come with sessions, and go with them. */
export class SessionMoves {
  readonly #options: MovesOptions;
  readonly #here = new Set<string>();

  constructor(options: MovesOptions) {
    this.#options = options;
  }

  /** The sessions whose deliveries are sent from here. */
  get here(): readonly string[] {
    return [...this.#here];
  }

  /** An event of a session is committed here: a new session is never taken. */
  saw(session: string): void {
    this.#here.add(session);
  }

  async taken(session: string): Promise<void> {
    this.#here.add(session);
    await this.#reopen(session);
  }

  async released(session: string): Promise<void> {
    this.#here.delete(session);
    await this.#reopen(session);
  }

  /** Without the changes of sessions that are another process's now: a commit with them was refused. */
  async ours(changes: readonly Change[]): Promise<readonly Change[]> {
    const sessions = [...new Set(changes.flatMap((change) => sessionIn(change) ?? []))];
    const lost = await this.#options.ownership.lost(sessions);
    return changes.filter((change) => !lost.has(sessionIn(change) ?? ''));
  }

  async #reopen(session: string): Promise<void> {
    const { outbox, reopen } = this.#options;
    for (const row of await outbox.endpointsOf(session)) {
      if ((await outbox.countWaiting(row.id, session)) > 0) await reopen(row);
    }
  }
}

/** Null where this process has all sessions. */
export const sessionMoves = (
  ownership: Ownership | undefined,
  outbox: Outbox,
  reopen: MovesOptions['reopen'],
): SessionMoves | null => {
  if (!ownership) return null;
  const moves = new SessionMoves({ outbox, ownership, reopen });
  outbox.ours = () => moves.here;
  return moves;
};

const sessionIn = (change: Change): string | null => {
  const row = 'put' in change ? change.put : 'remove' in change ? change.remove : {};
  return typeof row['session'] === 'string' ? row['session'] : null;
};
