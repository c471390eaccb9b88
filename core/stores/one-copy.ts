import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { storageFailed } from '../errors.ts';
import type { KnownMark } from './store-marks.ts';

/** Gives back what was taken. */
export type Release = () => Promise<void>;

/** As `claimMark`, of all of them or none; those that several processes share are nobody's alone. */
export const claimMarks = async (marks: readonly KnownMark[]): Promise<Release> => {
  const claimed: Release[] = [];
  const release = async (): Promise<void> => {
    await Promise.all(claimed.splice(0).map((one) => one()));
  };
  try {
    for (const one of marks) if (!one.database.shared) claimed.push(await claimMark(one));
    return release;
  } catch (error) {
    await release();
    throw error;
  }
};

/**
 * Takes the name of a database's mark for this process, on this machine: a copy has the mark of its original, and two servers with
 * the keys of one device break its conversations, and the lock of the database's own file says nothing of a copy elsewhere. The
 * kernel holds the name, so that nothing is left behind by a `kill -9`: an abstract socket, or a pipe. Where there are none
 * (macOS, BSD) nothing is taken. Rejects with `STORAGE_FAILED` when another process, or another runtime in this one, has it.
 */
const claimMark = async ({ database, mark }: KnownMark): Promise<Release> => {
  const path = pathOf(mark);
  if (path === null) return async () => undefined;
  const server = createServer((socket) => socket.destroy());
  server.unref();
  try {
    await listening(server, path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') return async () => undefined;
    const what = `${database.location} is a copy of what another server on this machine runs with, or its original`;
    const why = 'two servers with the keys of one device break its conversations: stop the other one for good';
    throw storageFailed(database.driver, `${what}; ${why}`, cause);
  }
  return () => new Promise((resolve) => server.close(() => resolve()));
};

const pathOf = (mark: string): string | null => {
  if (process.platform === 'linux') return `\0waha-${mark}`;
  return process.platform === 'win32' ? join('\\\\.\\pipe', `waha-${mark}`) : null;
};

const listening = (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject).listen(path, resolve);
  });
