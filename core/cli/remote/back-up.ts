import { createWriteStream, existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { type Progress, showProgress } from '../progress.ts';
import type { Server } from './server.ts';

export interface BackUpOptions {
  readonly server: Server;
  /** A file that is not there yet, or a folder that is. */
  readonly place: string;
}

const megabyte = 1_000_000;

/** `waha backup`: a copy of everything that a running server keeps. Resolves with the exit code. */
export const backUp = async ({ server, place }: BackUpOptions): Promise<number> => {
  const isFolder = statSync(place, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (!isFolder && existsSync(place)) throw new Error(`${place} is there already: name a new file, or a folder`);
  const { headers, body } = await server.stream('/api/server/backup');
  const [, given = ''] = (headers['content-disposition'] ?? '').split('"');
  const name = /^[\w.-]{1,100}$/.test(given) ? given : 'waha-backup.tgz';
  const file = isFolder ? join(place, name) : place;
  const total = Math.ceil(Number(headers['x-backup-bytes'] ?? 0) / megabyte);
  const progress = await showProgress(`copying ${total} MB`, total);
  const part = `${file}.part`;
  try {
    const target = createWriteStream(part, { mode: 0o600, flags: 'wx', flush: true });
    // What does not unpack is no backup, and what is unpacked tells how far it has come.
    await Promise.all([pipeline(body, target), pipeline(body, createGunzip(), counting(progress))]);
    renameSync(part, file);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
  progress.done(`${file} holds the server's accounts: keep it as secret as they are`);
  return 0;
};

const counting = (progress: Progress): Writable => {
  let bytes = 0;
  let told = 0;
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      for (; told < Math.floor(bytes / megabyte); told += 1) progress.step(`${told + 1} MB`);
      done();
    },
  });
};
