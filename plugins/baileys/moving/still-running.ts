import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';

/** A server that writes is one that runs (ms). */
const recently = 60_000;

/**
 * Why it looks as if the server that a folder belongs to still runs, or null. Two servers with the keys of one device break its
 * conversations. An idle server does not write for a long time, but it may have files open; that is seen on Linux, and of
 * processes of the same user.
 */
export const stillRuns = (folder: string, now: number): string | null => {
  const pid = processWithin(folder);
  if (pid !== null) return `process ${pid} has files of it open`;
  const { file, age } = newest(folder, now);
  return age < recently ? `${file} was written ${Math.max(0, Math.round(age / 1000))} seconds ago` : null;
};

const newest = (folder: string, now: number): { file: string; age: number } => {
  let found = { file: folder, age: Number.POSITIVE_INFINITY };
  for (const file of readdirSync(folder)) {
    const age = now - (statSync(join(folder, file), { throwIfNoEntry: false })?.mtimeMs ?? 0);
    if (age < found.age) found = { file, age };
  }
  return found;
};

const processWithin = (folder: string): string | null => {
  const within = resolve(folder) + sep;
  const others = entries('/proc').filter((pid) => /^\d+$/.test(pid) && pid !== String(process.pid));
  return others.find((pid) => entries(`/proc/${pid}/fd`).some((fd) => linkOf(pid, fd).startsWith(within))) ?? null;
};

const entries = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};

const linkOf = (pid: string, fd: string): string => {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`);
  } catch {
    return '';
  }
};
