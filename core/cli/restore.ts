import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { sentence } from '../errors.ts';
import { type Manifest, manifestName } from '../stores/backups.ts';

export interface RestoreOptions {
  readonly file: string;
  readonly folder: string;
}

/** `waha restore`: unpacks a backup into an empty folder; all of it or nothing. Resolves with the exit code. */
export const restore = async ({ file, folder }: RestoreOptions): Promise<number> => {
  if (!existsSync(file)) throw new Error(`there is no file ${file}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const [found] = readdirSync(folder);
  if (found !== undefined) {
    throw new Error(
      `${folder} is not empty (${found}), and a server may be using it: stop that one, and move the folder away or name another one`,
    );
  }
  try {
    const manifest = await unpack(file, folder);
    rmSync(join(folder, manifestName));
    const names = Object.keys(manifest.files).length;
    console.log(`${folder} has the ${names} files of the backup of ${new Date(manifest.at).toISOString()}`);
    console.log('before you start a server on it, stop the one that it is a copy of for good');
    return 0;
  } catch (error) {
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
    throw new Error(`${file} cannot be restored, and ${folder} is left empty: ${sentence(error)}`, { cause: error });
  }
};

/** Only plain files side by side are taken, whatever the archive holds. */
const unpack = async (file: string, folder: string): Promise<Manifest> => {
  const { extract } = await import('tar');
  await extract({
    file,
    cwd: folder,
    strict: true,
    filter: (path, entry) => /^[\w.-]+$/.test(path) && 'type' in entry && entry.type === 'File',
  });
  const path = join(folder, manifestName);
  if (!existsSync(path)) throw new Error('it is no backup of this program');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Manifest;
  if (manifest.format !== 1) throw new Error(`it is of a later version, ${manifest.version}`);
  for (const [name, bytes] of Object.entries(manifest.files)) {
    const size = statSync(join(folder, name), { throwIfNoEntry: false })?.size;
    if (size !== bytes) throw new Error(`its file ${name} is ${size === undefined ? 'missing' : 'cut short'}`);
  }
  return manifest;
};
