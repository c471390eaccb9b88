import type { Clock } from 'waha-runtime';

/** One thing that a sandbox keeps: what it is, which one, and the JSON of it. */
export interface StateRow {
  readonly kind: string;
  readonly id: string;
  readonly value: string;
}

/** A row to write; `value` null removes it. */
type Change = Omit<StateRow, 'value'> & { readonly value: string | null };

/** Where a sandbox keeps its state over a restart. */
export interface SandboxState {
  load(): Promise<readonly StateRow[]>;
  /** All or nothing, durable when it resolves. */
  save(rows: readonly Change[]): Promise<void>;
}

/** How long changes gather before they are written, when nobody waits for them. */
const GATHER_MS = 100;

interface Mark {
  readonly kind: string;
  readonly id: string;
  readonly snapshot: () => unknown;
}

/**
 * Writes what changed. A change costs a map entry; what is written is what holds at the time of writing, in one batch, so
 * that a session and the message that was encrypted with it are never apart.
 */
export class Journal {
  readonly #state: SandboxState;
  readonly #clock: Clock;
  readonly #onFailure: (error: unknown) => void;
  readonly #marks = new Map<string, Mark>();
  /** Rows that are there: what was never written needs no removal. */
  readonly #stored: Set<string>;
  #started = false;
  #writing: Promise<void> = Promise.resolve();
  #queued: Promise<void> | undefined;
  #timer: unknown;

  constructor(
    state: SandboxState,
    clock: Clock,
    stored: readonly Omit<StateRow, 'value'>[],
    onFailure: (error: unknown) => void,
  ) {
    this.#state = state;
    this.#clock = clock;
    this.#onFailure = onFailure;
    this.#stored = new Set(stored.map(keyOf));
  }

  /** From here on changes are noted; what was put back before is none. */
  start(): void {
    this.#started = true;
  }

  /** Something changed. `snapshot` is asked at the time of writing; undefined says that it is gone. */
  mark(kind: string, id: string, snapshot: () => unknown): void {
    if (!this.#started) return;
    this.#marks.set(keyOf({ kind, id }), { kind, id, snapshot });
    this.#timer ??= this.#clock.setTimeout(() => {
      this.#timer = undefined;
      this.durable().catch(this.#onFailure);
    }, GATHER_MS);
  }

  /** Resolves when everything marked so far is kept. Rejects when it cannot be; it is tried again with the next change. */
  durable(): Promise<void> {
    if (this.#marks.size === 0) return this.#writing;
    this.#queued ??= this.#writing.then(() => {
      this.#queued = undefined;
      return this.#write();
    });
    this.#writing = this.#queued.catch(() => undefined);
    return this.#queued;
  }

  /** Writes what is left. */
  async close(): Promise<void> {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    await this.durable();
  }

  async #write(): Promise<void> {
    const marks = [...this.#marks.values()];
    this.#marks.clear();
    const rows = marks.flatMap((mark) => this.#rowOf(mark) ?? []);
    if (rows.length === 0) return;
    try {
      await this.#state.save(rows);
    } catch (error) {
      for (const mark of marks) if (!this.#marks.has(keyOf(mark))) this.#marks.set(keyOf(mark), mark);
      throw error;
    }
    for (const row of rows) {
      if (row.value === null) this.#stored.delete(keyOf(row));
      else this.#stored.add(keyOf(row));
    }
  }

  /** What to write of a change; nothing when there is nothing to remove. One that cannot be written stops no other. */
  #rowOf({ kind, id, snapshot }: Mark): Change | undefined {
    try {
      const value = snapshot();
      if (value !== undefined) return { kind, id, value: JSON.stringify(value, writeBytes) };
      return this.#stored.has(keyOf({ kind, id })) ? { kind, id, value: null } : undefined;
    } catch (error) {
      this.#onFailure(error);
      return undefined;
    }
  }
}

/** What the JSON of a row says. Bytes are bytes again. */
export const readValue = <T>({ value }: StateRow): T => JSON.parse(value, readBytes) as T;

/** A state that lives as long as the object: a test starts one sandbox after the other on it. */
export function memoryState(): SandboxState {
  const rows = new Map<string, StateRow>();
  return {
    load: async () => [...rows.values()],
    save: async (changes) => {
      for (const { kind, id, value } of changes) {
        if (value === null) rows.delete(keyOf({ kind, id }));
        else rows.set(keyOf({ kind, id }), { kind, id, value });
      }
    },
  };
}

const keyOf = ({ kind, id }: { readonly kind: string; readonly id: string }): string => `${kind} ${id}`;

const BYTES = 'base64:';

/** `JSON.stringify` asks a Buffer for its own idea of JSON first; the original is still at hand. */
function writeBytes(this: Record<string, unknown>, name: string, value: unknown): unknown {
  const original = this[name];
  return original instanceof Uint8Array ? `${BYTES}${Buffer.from(original).toString('base64')}` : value;
}

const readBytes = (_name: string, value: unknown): unknown =>
  typeof value === 'string' && value.startsWith(BYTES) ? Buffer.from(value.slice(BYTES.length), 'base64') : value;
