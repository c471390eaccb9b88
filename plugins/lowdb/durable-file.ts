import { isUtf8 } from 'node:buffer';
import { copyFile, link, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { JSONFile } from 'lowdb/node';

/** Bytes that are no text would be read as other letters, and a damaged value be taken for what was written. */
const demandText = async (path: string): Promise<void> => {
  const content = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (content && !isUtf8(content)) throw new Error('it has bytes that are no text');
};

/**
 * A JSON file that is replaced as a whole: lowdb writes a new one beside it, which takes its place once it is on the disk.
 * What a write acknowledged stays, and the generation before stays as `<path>.bak`.
 */
export class DurableFile {
  readonly path: string;
  readonly #adapter: JSONFile<unknown>;
  readonly #next: JSONFile<unknown>;

  constructor(path: string) {
    this.path = path;
    this.#adapter = new JSONFile<unknown>(path);
    this.#next = new JSONFile<unknown>(`${path}.next`);
  }

  /** What is in the file, null when there is none. Throws when it is not JSON. */
  async read(): Promise<unknown> {
    await demandText(this.path);
    return this.#adapter.read();
  }

  /** The generation before. */
  async readPrevious(): Promise<unknown> {
    await demandText(`${this.path}.bak`);
    return new JSONFile<unknown>(`${this.path}.bak`).read();
  }

  async write(content: unknown): Promise<void> {
    await this.#next.write(content);
    await syncFile(`${this.path}.next`);
    await rename(`${this.path}.next`, this.path);
    await syncFolder(this.path);
  }

  /**
   * Makes the present content the previous generation; there is no moment in which the file is not there. Not synced by
   * itself, for the write that follows syncs the folder: until then one of two whole generations is the previous one.
   */
  async keepPrevious(): Promise<void> {
    const spare = `${this.path}.bak.tmp`;
    await rm(spare, { force: true });
    try {
      await link(this.path, spare).catch(async (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') throw error;
        await copyFile(this.path, spare); // a file system without hard links
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    await rename(spare, `${this.path}.bak`);
  }

  /** Puts the unreadable content out of the way and says where it is. */
  async setAside(): Promise<string> {
    const aside = `${this.path}.damaged`;
    await rename(this.path, aside).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    return aside;
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
    await syncFolder(this.path);
  }
}

const syncFile = async (path: string): Promise<void> => {
  const file = await open(path, 'r');
  try {
    await file.chmod(0o600);
    await file.sync();
  } finally {
    await file.close();
  }
};

const syncFolder = async (path: string): Promise<void> => {
  if (process.platform === 'win32') return; // folders cannot be opened there
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
};
