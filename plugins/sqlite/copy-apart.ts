import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const script =
  "const { chmodSync, constants, copyFileSync } = require('node:fs'); const [from, to] = process.argv.slice(1);" +
  ' copyFileSync(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE); chmodSync(to, 0o600);';

/**
 * Copies a file in a process of its own. The locks that SQLite holds are POSIX', and those are gone for the whole process as soon
 * as any part of it closes the file: a copy made here would let a second runtime in.
 */
export const copyApart = async (from: string, to: string): Promise<void> => {
  await promisify(execFile)(process.execPath, ['-e', script, from, to]);
};
