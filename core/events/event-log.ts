import { type EventSelector, eventNames, selects } from '../contracts/event-names.ts';
import type { EventLog, LoggedEvent, LogQuery, RuntimeEvent, UncommittedEvent } from '../contracts/events.ts';
import {
  type Change,
  type Collection,
  counted,
  type Database,
  defineCollection,
  type RowOf,
} from '../contracts/storage.ts';
import { isRuntimeError } from '../errors.ts';
import { factOf, idsFrom } from './envelope.ts';
import { KnownFacts } from './known-facts.ts';

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

/** In a shared database a commit of unknown outcome that is made again is found by the id, and the commit gives the cursor. */
const sharedSchema = { ...eventsSchema, key: ['id'], indexes: [['cursor'], ['fact'], ['session', 'cursor']] } as const;

/** The last cursor that was given. Whoever commits holds its row until then, so that cursors are in the order of commits. */
const headsSchema = defineCollection({
  name: 'log_heads',
  columns: { log: { type: 'text' }, cursor: { type: 'integer' } },
  key: ['log'],
});
const headKey = { log: 'events' };

const sequencesSchema = defineCollection({
  name: 'event_sequences',
  columns: { session: { type: 'text' }, seq: { type: 'integer' } },
  key: ['session'],
});

type EventRow = RowOf<typeof eventsSchema>;
type SequenceRow = RowOf<typeof sequencesSchema>;
type HeadRow = RowOf<typeof headsSchema>;

interface Opened {
  readonly database: Database;
  readonly events: Collection<EventRow>;
  readonly sequences: Collection<SequenceRow>;
  /** Of a database that several processes share. */
  readonly heads: Collection<HeadRow> | null;
  readonly head: number;
  readonly tail: number;
  readonly seqs: Map<string, number>;
}

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
  readonly #heads: Collection<HeadRow> | null;
  /** Null where other processes commit, too. */
  readonly #facts: KnownFacts<EventRow> | null;
  readonly #seqs: Map<string, number>;
  #head: number;
  /** The last cursor that was given; beyond `#head` while a commit is under way. */
  #numbered: number;
  #tail: number;

  private constructor(opened: Opened) {
    this.database = opened.database;
    this.#events = opened.events;
    this.#sequences = opened.sequences;
    this.#heads = opened.heads;
    this.#facts = opened.heads ? null : new KnownFacts(opened.events);
    this.#head = opened.head;
    this.#numbered = opened.head;
    this.#tail = opened.tail;
    this.#seqs = opened.seqs;
  }

  /**
   * `begin`: the cursor before the first one of a log that is new. With the time in milliseconds there, the cursors of a log
   * that was removed lie before those of its successor, and whoever comes with one is told that something is gone.
   */
  static async open(database: Database, begin = 0): Promise<CollectionEventLog> {
    const events = await database.open(database.shared ? sharedSchema : eventsSchema);
    const sequences = await database.open(sequencesSchema);
    const heads = database.shared ? await database.open(headsSchema) : null;
    const seqs = new Map((await sequences.find()).map(({ session, seq }) => [session, seq]));
    const newest = heads ? await beginAt(database, heads, begin) : await lastCursor(events);
    const head = newest ?? begin;
    const tail = await cursorBefore(events, head);
    return new CollectionEventLog({ database, events, sequences, heads, head, tail, seqs });
  }

  get head(): number {
    return this.#head;
  }

  get tail(): number {
    return this.#tail;
  }

  /**
   * Gives the event its number in the session, and its cursor where the commit does not. They are kept whether or not the commit
   * succeeds. `place`: its place in the commit, from 1. Throws for what is no JSON; then nothing was given.
   */
  number(event: RuntimeEvent, place = 1): UncommittedEvent {
    const seq = (this.#seqs.get(event.session) ?? 0) + 1;
    const numbered = { ...event, seq };
    const body = JSON.stringify(numbered);
    this.#seqs.set(event.session, seq);
    return { cursor: this.#heads ? counted(place) : ++this.#numbered, event: numbered, body };
  }

  /** The event at another place of the commit; a cursor that it has stays. */
  moved(uncommitted: UncommittedEvent, place: number): UncommittedEvent {
    return this.#heads ? { ...uncommitted, cursor: counted(place) } : uncommitted;
  }

  /** Commits events together with the rows of the sinks. From then on they can be read. */
  async commit(uncommitted: readonly UncommittedEvent[], rows: readonly Change[] = []): Promise<LoggedEvent[]> {
    for (const { event } of uncommitted) this.#facts?.add(factOf(event.id));
    let base = 0;
    const count = this.#heads?.counting(headKey, 'cursor', uncommitted.length, (before) => {
      base = before;
    });
    await this.database.batch([...(count ? [count] : []), ...this.#changes(uncommitted), ...rows]);
    const logged = uncommitted.map(({ cursor, event, body }): LoggedEvent => {
      const number = typeof cursor === 'number' ? cursor : base + cursor.counted;
      return { cursor: number, event, body };
    });
    this.#head = Math.max(this.#head, logged.at(-1)?.cursor ?? 0);
    return logged;
  }

  /** Which of these events are committed, although nobody said so. */
  async committed(uncommitted: readonly UncommittedEvent[]): Promise<LoggedEvent[]> {
    const ids = uncommitted.map(({ event }) => event.id);
    const found = await this.#events.find({ where: { id: { in: ids } }, orderBy: [{ column: 'cursor' }] });
    this.#head = Math.max(this.#head, found.at(-1)?.cursor ?? 0);
    return found.map(logged);
  }

  #changes(uncommitted: readonly UncommittedEvent[]): Change[] {
    const changes = uncommitted.map(({ cursor, event, body }) => {
      const { id, session, timestamp } = event;
      const row = { cursor, id, fact: factOf(id), session, event: event.event, timestamp, body };
      return this.#heads ? this.#events.adding(row) : this.#events.putting(row);
    });
    const seqs = new Map(uncommitted.map(({ event }) => [event.session, event.seq ?? 0]));
    return [...changes, ...[...seqs].map(([session, seq]) => this.#sequences.putting({ session, seq }))];
  }

  /** Reads what other processes did: how far the log goes, and where it begins. */
  async refresh(): Promise<void> {
    const row = await this.#heads?.get(headKey);
    if (!row) return;
    this.#head = Math.max(this.#head, row.cursor);
    this.#tail = Math.max(this.#tail, await cursorBefore(this.#events, row.cursor));
  }

  /** Reads how far the numbers of a session go: another process may have given the last ones. */
  async take(session: string): Promise<void> {
    const row = await this.#sequences.get({ session });
    if (row) this.#seqs.set(session, row.seq);
    else this.#seqs.delete(session);
  }

  async find(id: string): Promise<LoggedEvent | null> {
    const [row] = await this.#events.find({ where: { id }, limit: 1 });
    return row ? logged(row) : null;
  }

  /** Which of these facts are in the log. */
  async known(facts: readonly string[]): Promise<ReadonlySet<string>> {
    const asked = this.#facts?.among(facts) ?? facts;
    if (asked.length === 0) return new Set();
    const rows = await this.#events.find({ where: { fact: { in: asked } } });
    return new Set(rows.map(({ id }) => factOf(id)));
  }

  async at(cursor: number): Promise<LoggedEvent | null> {
    const [row] = await this.#events.find({ where: { cursor }, limit: 1 });
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
    await this.refresh();
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

const lastCursor = async (events: Collection<EventRow>): Promise<number | undefined> => {
  const [newest] = await events.find({ orderBy: [{ column: 'cursor', descending: true }], limit: 1 });
  return newest?.cursor;
};

/** The cursor before the oldest event. */
const cursorBefore = async (events: Collection<EventRow>, head: number): Promise<number> => {
  const [oldest] = await events.find({ orderBy: [{ column: 'cursor' }], limit: 1 });
  return (oldest?.cursor ?? head + 1) - 1;
};

/** The last cursor that was given; of a log that is new, the first process to come says where it begins. */
const beginAt = async (database: Database, heads: Collection<HeadRow>, begin: number): Promise<number | undefined> => {
  await database.batch([heads.adding({ ...headKey, cursor: begin })]).catch((error) => {
    if (!isRuntimeError(error, 'NOT_HELD')) throw error;
  });
  return (await heads.get(headKey))?.cursor;
};

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
