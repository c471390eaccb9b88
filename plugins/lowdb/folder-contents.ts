import { copyFile, readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DurableFile } from './durable-file.ts';

/** A collection's file, or the generation before. */
const collectionFile = /^([a-z][a-z0-9_]*)\.json(?:\.bak)?$/;

/** Which collections a folder has: written down, so that a file which is gone is not taken for one that never was. */
export class FolderContents {
  /** The names of collections whose file and copy are both gone. */
  readonly missing: readonly string[];
  readonly #file: DurableFile;
  readonly #names: Set<string>;
  /** What the list on the disk says. */
  #listed: ReadonlySet<string>;

  private constructor(file: DurableFile, there: readonly string[], listed: readonly string[]) {
    this.#file = file;
    this.#names = new Set(there);
    this.#listed = new Set(listed);
    this.missing = listed.filter((name) => !this.#names.has(name)).sort();
  }

  /** Reads the list and looks. A list that is gone or cannot be read is written again: it says nothing that the files do not. */
  static async read(folder: string): Promise<FolderContents> {
    const there = (await readdir(folder)).flatMap((name) => collectionFile.exec(name)?.[1] ?? []);
    const file = new DurableFile(join(folder, '.collections.json'));
    const content = await file.read().catch(() => null);
    const listed = (content as { readonly collections?: unknown } | null)?.collections;
    return new FolderContents(file, there, Array.isArray(listed) ? listed.filter(isName) : []);
  }

  /** Copies the files of all collections, and the list of them. */
  async copyTo(folder: string): Promise<void> {
    const from = dirname(this.#file.path);
    for (const name of this.#names) {
      if (!this.missing.includes(name)) await copyCollection(join(from, name), join(folder, name));
    }
    await copyFile(this.#file.path, join(folder, basename(this.#file.path)));
  }

  /** Notes that the files of these collections are there, and that those which are missing are missed no more. */
  async note(names: readonly string[]): Promise<void> {
    for (const name of names) this.#names.add(name);
    if (this.#names.size === this.#listed.size && [...this.#names].every((name) => this.#listed.has(name))) return;
    const collections = [...this.#names].sort();
    await this.#file.write({ collections });
    this.#listed = new Set(collections);
  }
}

/** The generation before serves where the present one is gone. */
const copyCollection = (from: string, to: string): Promise<void> =>
  copyFile(`${from}.json`, `${to}.json`).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return copyFile(`${from}.json.bak`, `${to}.json`);
  });

const isName = (name: unknown): name is string => typeof name === 'string' && /^[a-z][a-z0-9_]*$/.test(name);

/** The line of a file, counted from 1, that has this text as a value; null when none has. */
export const lineOf = async (path: string, text: string): Promise<number | null> => {
  const content = await readFile(path, 'utf8').catch(() => '');
  const line = content.split('\n').findIndex((one) => one.includes(`: ${JSON.stringify(text)}`));
  return line === -1 ? null : line + 1;
};
