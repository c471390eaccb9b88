import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Log, sentence } from 'waha-runtime';
import { storageFailed, type Table, type TableKeeper } from 'waha-runtime/storage';
import { type CollectionDocument, documentOf, tableOf } from './document.ts';
import { DurableFile } from './durable-file.ts';
import { FolderContents, lineOf } from './folder-contents.ts';

export interface FileKeeperOptions {
  readonly driver: string;
  readonly folder: string;
  readonly log: Log;
  /** Gives the folder back. */
  unlock(): void;
}

/** One generation of a table: there, not there, or not readable. */
type Generation = { readonly table: Table } | { readonly error: unknown } | null;

/**
 * Keeps each table in `<name>.json`. A save of several tables goes through a journal: their new contents are written
 * there first, so that after a crash either none of the files is new, or the journal completes them at the next open.
 */
export class FileKeeper implements TableKeeper {
  readonly #options: FileKeeperOptions;
  readonly #files = new Map<string, DurableFile>();
  readonly #journal: DurableFile;
  /** Tables whose last save failed: their files, or the journal, may hold what was taken back since. */
  readonly #unsettled = new Set<Table>();
  readonly #contents: FolderContents;
  /** How many rows each file has. */
  readonly #sizes = new Map<string, number>();

  private constructor(options: FileKeeperOptions, contents: FolderContents) {
    this.#options = options;
    this.#contents = contents;
    this.#journal = new DurableFile(join(options.folder, '.journal.json'));
  }

  static async open(options: FileKeeperOptions): Promise<FileKeeper> {
    const contents = await FolderContents.read(options.folder);
    const keeper = new FileKeeper(options, contents);
    await keeper.#recover();
    return keeper;
  }

  get location(): string {
    return this.#options.folder;
  }

  /** A journal may have brought one of them back. */
  get missing(): readonly string[] {
    const { folder } = this.#options;
    const gone = this.#contents.missing.map((name) => join(folder, `${name}.json`)).filter((path) => !existsSync(path));
    return gone.map((path) => `${path} and its copy ${path}.bak are gone`);
  }

  async locate(name: string, text: string): Promise<string | null> {
    const { path } = this.#file(name);
    const line = await lineOf(path, text);
    return line === null ? null : `${path}:${line}`;
  }

  /** Whoever loads a table goes on without what is missing. */
  async load(name: string): Promise<Table | null> {
    await this.#contents.note([]);
    const file = this.#file(name);
    const current = await generation(name, () => file.read());
    if (current !== null && 'table' in current) {
      this.#sizes.set(name, current.table.count([]));
      return current.table;
    }
    const previous = await generation(name, () => file.readPrevious());
    if (current === null && previous === null) return null;
    const error = current === null ? new Error('it is missing') : current.error;
    if (previous === null || 'error' in previous) {
      const advice = 'put one of them back from a backup, or remove both and start with --accept-data-loss';
      // The parser quotes a piece of the file, with its line breaks.
      const why = sentence(error)
        .split('\n')
        .map((line) => line.trim());
      const what = `${file.path} cannot be read, nor can ${file.path}.bak: ${why.join(' ')}; ${advice}`;
      throw storageFailed(this.#options.driver, what, error);
    }
    const aside = current === null ? undefined : await file.setAside();
    const fields = { file: file.path, error: sentence(error), aside };
    this.#options.log.warn(fields, 'a file cannot be read; its previous generation is used');
    await file.write(documentOf(previous.table));
    this.#sizes.set(name, previous.table.count([]));
    return previous.table;
  }

  async save(tables: readonly Table[]): Promise<void> {
    for (const table of tables) this.#unsettled.add(table);
    const documents = [...this.#unsettled].map(documentOf);
    const together = documents.length > 1;
    if (together) await this.#journal.write({ documents });
    await this.#writeAll(documents);
    if (together) await this.#journal.remove();
    this.#unsettled.clear();
  }

  async copy(folder: string): Promise<void> {
    await this.#contents.copyTo(folder);
  }

  async close(): Promise<void> {
    try {
      if (this.#unsettled.size > 0) await this.save([]);
    } catch (error) {
      const { folder, log } = this.#options;
      log.warn({ folder, error: sentence(error) }, 'a change that was refused may be there at the next start');
    } finally {
      this.#options.unlock();
    }
  }

  async #writeAll(documents: readonly CollectionDocument[]): Promise<void> {
    for (const { collection, ...document } of documents) {
      const file = this.#file(collection);
      const before = this.#sizes.get(collection) ?? 0;
      await file.keepPrevious();
      await file.write({ collection, ...document });
      // What was removed, a session with its secrets say, is in no generation.
      if (document.rows.length < before) await file.keepPrevious();
      this.#sizes.set(collection, document.rows.length);
    }
    await this.#contents.note(documents.map(({ collection }) => collection));
  }

  /**
   * The journal is whole on the disk before the first file is written. One that cannot be read was not finished, so
   * nothing of its save is anywhere.
   */
  async #recover(): Promise<void> {
    const { driver, log } = this.#options;
    try {
      const documents = await this.#journal.read().then(journaled, (error) => {
        log.warn({ file: this.#journal.path, error: sentence(error) }, 'an unfinished journal is dropped');
        return [];
      });
      if (documents === null) return;
      await this.#writeAll(documents);
      await this.#journal.remove();
    } catch (cause) {
      throw storageFailed(driver, `${this.#journal.path} cannot be applied: ${sentence(cause)}`, cause);
    }
  }

  #file(name: string): DurableFile {
    const known = this.#files.get(name) ?? new DurableFile(join(this.#options.folder, `${name}.json`));
    this.#files.set(name, known);
    return known;
  }
}

const generation = async (name: string, read: () => Promise<unknown>): Promise<Generation> => {
  try {
    const document = await read();
    return document === null ? null : { table: tableOf(name, document) };
  } catch (error) {
    return { error };
  }
};

/** The documents in a journal, checked; null when there is no journal. */
const journaled = (content: unknown): CollectionDocument[] | null => {
  if (content === null) return null;
  const { documents } = content as { documents: CollectionDocument[] };
  for (const document of documents) {
    if (!/^[a-z][a-z0-9_]*$/.test(document.collection)) throw new Error(`'${document.collection}' is no collection`);
    tableOf(document.collection, document);
  }
  return documents;
};
