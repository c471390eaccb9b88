import { open, readFile, rename } from 'node:fs/promises';
import { deserialize, serialize } from 'node:v8';
import { Table, type TableKeeper } from 'waha-runtime/storage';

/** A table as the file holds it. */
interface Saved {
  readonly key: Table['key'];
  readonly columns: Table['columns'];
  readonly rows: readonly Parameters<Table['put']>[0][];
}

/** Keeps tables in one file: a new one is written beside it, forced to the disk, and takes its name. */
export class SnapshotFile implements TableKeeper {
  readonly #path: string;
  readonly #tables: Map<string, Saved>;

  private constructor(path: string, tables: Map<string, Saved>) {
    this.#path = path;
    this.#tables = tables;
  }

  static async open(path: string): Promise<SnapshotFile> {
    return new SnapshotFile(path, await readTables(path));
  }

  async load(name: string): Promise<Table | null> {
    const saved = this.#tables.get(name);
    if (!saved) return null;
    const table = new Table(name, saved.key, saved.columns);
    for (const row of saved.rows) table.put(row);
    return table;
  }

  async save(tables: readonly Table[]): Promise<void> {
    const next = new Map(this.#tables);
    for (const { name, key, columns, rows } of tables) next.set(name, { key, columns, rows: [...rows] });
    const file = await open(`${this.#path}.new`, 'w', 0o600);
    try {
      await file.writeFile(serialize(next));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${this.#path}.new`, this.#path);
    for (const { name } of tables) this.#tables.set(name, next.get(name)!);
  }

  async close(): Promise<void> {}
}

const readTables = async (path: string): Promise<Map<string, Saved>> => {
  try {
    return deserialize(await readFile(path));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return new Map();
    throw error;
  }
};
