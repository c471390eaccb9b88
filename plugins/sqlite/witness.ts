import { readFile, rename, writeFile } from 'node:fs/promises';
import type { StoreWitness } from 'waha-runtime/storage';

/** The mark of a database in a file beside it: whoever takes the database away leaves it, and the next start misses what is gone. */
export const fileWitness = (database: string): StoreWitness => {
  const path = `${database}-mark`;
  return {
    // One that cannot be read, or is damaged, vouches for nothing.
    read: () =>
      readFile(path, 'utf8').then(
        (text) => markIn(text),
        () => null,
      ),
    async write(mark) {
      await writeFile(`${path}.new`, `${mark}\n`, { mode: 0o600 });
      await rename(`${path}.new`, path);
    },
  };
};

const markIn = (text: string): string | null => /^[0-9a-f-]{36}\n$/.exec(text)?.[0].trim() ?? null;
