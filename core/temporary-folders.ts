import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Of this process: the number alone comes back, in a container at each start. */
const own = `${process.pid}-${randomBytes(4).toString('hex')}`;
const pattern = /^waha-(\d{1,10})-([0-9a-f]{8})-[a-z]{1,20}-\w{6}$/;

/** Makes a folder for files that somebody works with for a moment; who makes it removes it. `purpose` is one word. */
export const temporaryFolder = (purpose: string): Promise<string> => mkdtemp(join(tmpdir(), `waha-${own}-${purpose}-`));

/** Removes the temporary folders of processes that ended without doing so, as after `kill -9`. Gives how many. */
export const sweepTemporaryFolders = async (): Promise<number> => {
  const names = await readdir(tmpdir());
  const left = names.filter(isLeft);
  // What belongs to another user stays.
  const done = await Promise.allSettled(left.map((name) => rm(join(tmpdir(), name), { recursive: true, force: true })));
  return done.filter(({ status }) => status === 'fulfilled').length;
};

const isLeft = (name: string): boolean => {
  const [, pid, token] = pattern.exec(name) ?? [];
  if (pid === undefined || `${pid}-${token}` === own) return false;
  return Number(pid) === process.pid || !isAlive(Number(pid));
};

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};
