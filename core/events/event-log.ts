import { type EventSelector, eventNames, selects } from '../contracts/event-names.ts';
import type { EventLog, LoggedEvent, LogQuery, RuntimeEvent } from '../contracts/events.ts';
import { type Change, type Collection, type Database, defineCollection, type RowOf } from '../contracts/storage.ts';
import { factOf, idsFrom } from './envelope.ts';

const eventsSchema = defineCollection({
  name: 'events',
  columns: {
    cursor: { type: 'integer' },
    id: { type: 'text' },
    /** See `factOf`; null of events that were committed before there was this column. */
    fact: { type: 'text', nullable: true },
    session: { type: 'text' },
    event: { type: 'text' },
    timestamp: { type: 'integer' },
    body: { type: 'text' },
  },
  key: ['cursor'],
  // Ids begin with the time: theirs serves time ranges, too.
  indexes: [['id'], ['fact'], ['session', 'cursor']],
});

const sequencesSchema = defineCollection({
  name: 'event_sequences',
  columns: { session: { type: 'text' }, seq: { type: 'integer' } },
  key: ['session'],
});

type EventRow = RowOf<typeof eventsSchema>;
type SequenceRow = RowOf<typeof sequencesSchema>;

/** How much of the log is kept. */
export interface LogRetention {
  /** Age in milliseconds by the event's own time. */
  readonly maxAge: number;
  readonly maxEvents: number;
}

/** How many rows one pruning step removes. */
const pruneStep = 1_000;

/** The event log on a `Database`. Cursors and sequence numbers are given here, at commit. */
export class CollectionEventLog implements EventLog {
  readonly database: Database;
  readonly #events: Collection<EventRow>;
  readonly #sequences: Collection<SequenceRow>;
  readonly #seqs: Map<string, number>;
  #head: number;
  /** The last cursor that was given; beyond `#head` while a commit is under way. */
  #numbered: number;
  #tail: number;

  private constructor(
    database: Database,
    events: Collection<EventRow>,
    sequences: Collection<SequenceRow>,
    start: { head: number; tail: number; seqs: Map<string, number> },
  ) {
    this.database = database;
    this.#events = events;
    this.#sequences = sequences;
    this.#head = start.head;
    this.#numbered = start.head;
    this.#tail = start.tail;
    this.#seqs = start.seqs;
  }

  /**
   * `begin`: the cursor before the first one of a log that is new. With the time in milliseconds there, the cursors of a log
   * that was removed lie before those of its successor, and whoever comes with one is told that something is gone.
   */
  static async open(database: Database, begin = 0): Promise<CollectionEventLog> {
    const events = await database.open(eventsSchema);
    const sequences = await database.open(sequencesSchema);
    const [newest] = await events.find({ orderBy: [{ column: 'cursor', descending: true }], limit: 1 });
    const [oldest] = await events.find({ orderBy: [{ column: 'cursor' }], limit: 1 });
    const seqs = new Map((await sequences.find()).map(({ session, seq }) => [session, seq]));
    const head = newest?.cursor ?? begin;
    return new CollectionEventLog(database, events, sequences, { head, tail: (oldest?.cursor ?? head + 1) - 1, seqs });
  }

  get head(): number {
    return this.#head;
  }

  get tail(): number {
    return this.#tail;
  }

  /**
   * Gives the event its cursor and its number in the session. They are kept whether or not the commit succeeds. Throws for
   * what is no JSON; then nothing was given.
   */
  number(event: RuntimeEvent): LoggedEvent {
    const seq = (this.#seqs.get(event.session) ?? 0) + 1;
    const numbered = { ...event, seq };
    const body = JSON.stringify(numbered);
    this.#seqs.set(event.session, seq);
    return { cursor: ++this.#numbered, event: numbered, body };
  }

  /** Called when events are committed: from now on they can be read. */
  committed(logged: readonly LoggedEvent[]): void {
    this.#head = logged.at(-1)?.cursor ?? this.#head;
  }

  /** The rows of some events, to be committed together with those of the sinks. */
  changes(logged: readonly LoggedEvent[]): Change[] {
    const changes = logged.map(({ cursor, event, body }) => {
      const { id, session, timestamp } = event;
      return this.#events.putting({ cursor, id, fact: factOf(id), session, event: event.event, timestamp, body });
    });
    const seqs = new Map(logged.map(({ event }) => [event.session, event.seq ?? 0]));
    return [...changes, ...[...seqs].map(([session, seq]) => this.#sequences.putting({ session, seq }))];
  }

  async find(id: string): Promise<LoggedEvent | null> {
    const [row] = await this.#events.find({ where: { id }, limit: 1 });
    return row ? logged(row) : null;
  }

  /** Which of these facts are in the log. */
  async known(facts: readonly string[]): Promise<ReadonlySet<string>> {
    if (facts.length === 0) return new Set();
    const rows = await this.#events.find({ where: { fact: { in: facts } } });
    return new Set(rows.map(({ id }) => factOf(id)));
  }

  async at(cursor: number): Promise<LoggedEvent | null> {
    const row = await this.#events.get({ cursor });
    return row ? logged(row) : null;
  }

  async read({ after = 0, sessions, events, since, until, limit = 100 }: LogQuery): Promise<LoggedEvent[]> {
    const rows = await this.#events.find({
      where: {
        cursor: { gt: after },
        ...(sessions ? { session: { in: sessions } } : {}),
        ...(events ? { event: { in: namesOf(events) } } : {}),
        ...during(since, until),
      },
      orderBy: [{ column: 'cursor' }],
      limit,
    });
    return rows.map(logged);
  }

  /** Removes what is too old or too much and nobody needs any more; says how many events that were. */
  async prune(retention: LogRetention, now: number, oldestNeeded: number): Promise<number> {
    const byCount = this.#head - retention.maxEvents;
    const [firstYoung] = await this.#events.find({
      where: { timestamp: { gte: now - retention.maxAge } },
      orderBy: [{ column: 'cursor' }],
      limit: 1,
    });
    const byAge = (firstYoung?.cursor ?? this.#head + 1) - 1;
    // The newest event stays: the next cursor after a restart is counted from it.
    const last = Math.min(Math.max(byCount, byAge), oldestNeeded - 1, this.#head - 1);
    let removed = 0;
    while (this.#tail < last) {
      const next = Math.min(this.#tail + pruneStep, last);
      removed += await this.#events.remove({ cursor: { lte: next } });
      this.#tail = next;
    }
    return removed;
  }

  /** Forgets a session's events and its counter. */
  async forget(session: string): Promise<void> {
    this.#seqs.delete(session);
    await this.#sequences.remove({ session });
  }
}

const logged = ({ cursor, body }: EventRow): LoggedEvent => ({ cursor, body, event: JSON.parse(body) as RuntimeEvent });

const namesOf = (selectors: readonly EventSelector[]): string[] =>
  eventNames.filter((name) => selects(selectors, name));

const during = (since: number | undefined, until: number | undefined) => {
  if (since === undefined && until === undefined) return {};
  const id = range(since === undefined ? since : idsFrom(since), until === undefined ? until : idsFrom(until));
  return { timestamp: range(since, until), id };
};

const range = <V>(from: V | undefined, before: V | undefined) => ({
  ...(from === undefined ? {} : { gte: from }),
  ...(before === undefined ? {} : { lt: before }),
});
