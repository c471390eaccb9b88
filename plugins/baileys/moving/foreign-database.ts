import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import Libsql from 'libsql';

/** A row of somebody else's table. */
export type ForeignRow = Readonly<Record<string, unknown>>;

/**
 * A SQLite file of another program, to be read. It is read from a copy: to open a file with a write-ahead log is to write to it, and nothing
 * of what the other server has left may change.
 */
export class ForeignDatabase {
  readonly #folder: string;
  readonly #database: Libsql.Database;
  readonly #tables: readonly string[];

  constructor(file: string) {
    this.#folder = mkdtempSync(join(tmpdir(), 'waha-import-'));
    const copy = join(this.#folder, basename(file));
    for (const part of ['', '-wal']) if (existsSync(file + part)) copyFileSync(file + part, copy + part);
    this.#database = new Libsql(copy);
    this.#tables = this.#all("SELECT name FROM sqlite_master WHERE type = 'table'").map(({ name }) => String(name));
  }

  get tables(): readonly string[] {
    return this.#tables;
  }

  columns(table: string): string[] {
    return this.#all(`PRAGMA table_info(${quoted(table)})`).map(({ name }) => String(name));
  }

  /** All rows, some at a time; none where there is no such table. */
  *rows(table: string): Generator<ForeignRow> {
    if (!this.#tables.includes(table)) return;
    for (const row of this.#database.prepare(`SELECT * FROM ${quoted(table)}`).iterate()) yield row as ForeignRow;
  }

  count(table: string): number {
    if (!this.#tables.includes(table)) return 0;
    return Number(this.#all(`SELECT count(*) AS n FROM ${quoted(table)}`)[0]?.['n'] ?? 0);
  }

  close(): void {
    this.#database.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #all(statement: string): ForeignRow[] {
    return this.#database.prepare(statement).all() as ForeignRow[];
  }
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
