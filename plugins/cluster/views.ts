import { counted, type Directory, type SessionInfo } from 'waha-runtime';
import type { ClusterTables } from './tables.ts';

const counter = { name: 'views' };
/** How many views are read, and written, in one step. */
const pageSize = 500;

/** What is shown of all sessions of the cluster: ours are written when they change, those of others are read behind the last number. */
export class SessionViews implements Directory {
  readonly #tables: ClusterTables;
  readonly #infos = new Map<string, SessionInfo>();
  /** What was written last of each of our sessions. */
  #written = new Map<string, SessionInfo>();
  #last = 0;

  constructor(tables: ClusterTables) {
    this.#tables = tables;
  }

  list(): readonly SessionInfo[] {
    return [...this.#infos.values()];
  }

  get(session: string): SessionInfo | undefined {
    return this.#infos.get(session);
  }

  /** Reads what changed since the last time. */
  async read(): Promise<void> {
    for (;;) {
      const where = { number: { gt: this.#last } };
      const rows = await this.#tables.views.find({ where, orderBy: [{ column: 'number' }], limit: pageSize });
      for (const { session, number, info } of rows) {
        this.#last = number;
        if (info === null) this.#infos.delete(session);
        else this.#infos.set(session, info as SessionInfo);
      }
      if (rows.length < pageSize) return;
    }
  }

  /** Writes what changed of our sessions. `fence`: that each of them is ours still. */
  async write(
    node: string,
    infos: readonly SessionInfo[],
    fence: (session: string) => ReturnType<ClusterTables['placements']['requiring']>,
  ): Promise<void> {
    const changed = infos.filter((info) => this.#written.get(info.name) !== info);
    const names = new Set(infos.map(({ name }) => name));
    for (const name of this.#written.keys()) if (!names.has(name)) this.#written.delete(name);
    const { database, views, counters } = this.#tables;
    const writing = changed.slice(0, pageSize).map(async (info) => {
      await database.batch([
        fence(info.name),
        counters.counting(counter, 'value', 1),
        views.putting({ session: info.name, node, number: counted(1), info }),
      ]);
      this.#written.set(info.name, info);
    });
    // One that was refused is of a session that is not ours any more.
    await Promise.allSettled(writing);
  }

  /** The steps that say that a session is gone. */
  forgetting(node: string, session: string) {
    const { views, counters } = this.#tables;
    this.#infos.delete(session);
    return [counters.counting(counter, 'value', 1), views.putting({ session, node, number: counted(1), info: null })];
  }

  /** Everything is written again: it was written under another name. */
  begin(): void {
    this.#written = new Map();
  }
}
