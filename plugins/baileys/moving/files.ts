import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sentence, unprocessable } from 'waha-runtime';
import { type BaileysAccount, keyTypes } from './account.ts';

/** Where Baileys' `useMultiFileAuthState`, and WAHA after it, keeps the credentials. */
export const credentialsFile = 'creds.json';

/** A key by its type and id. */
export interface KeyName {
  readonly type: (typeof keyTypes)[number];
  readonly id: string;
}

/** What the name of a file says: Baileys writes `/` as `__` and `:` as `-`. Null for a file that holds no key. */
export const keyOfFile = (file: string): KeyName | null =>
  file.endsWith('.json') ? keyNamed(file.slice(0, -'.json'.length)) : null;

/** The same for a name without its ending, as databases have it, escaped like a file's or not. */
export const keyNamed = (name: string): KeyName | null => {
  const type = keyTypes.find((one) => name.startsWith(`${one}-`) && name.length > one.length + 1);
  return type ? { type, id: idOf(type, name.slice(type.length + 1)) } : null;
};

/** The file that Baileys would read a key from. */
export const fileOfKey = (type: string, id: string): string =>
  `${`${type}-${id}`.replaceAll('/', '__').replaceAll(':', '-')}.json`;

const idOf = (type: string, written: string): string => {
  // Base64, in which nothing but a slash becomes underscores.
  if (type === 'app-state-sync-key') return written.replaceAll('__', '/');
  // `group::sender::device`; old groups have a hyphen of their own.
  return type === 'sender-key' ? senderKeyId(written) : written;
};

const senderKeyId = (written: string): string => {
  const parts = written.split('--');
  const [sender, device] = parts.splice(-2);
  return parts.length > 0 && /^\d+$/.test(device ?? '') ? `${parts.join('--')}::${sender}::${device}` : written;
};

/** The account in such a folder, and the names of files that cannot be read. Throws `UNPROCESSABLE` for bad credentials. */
export const readAuthFolder = (folder: string): { account: BaileysAccount; unreadable: string[] } => {
  const { keys, unreadable } = readKeyFolder(folder);
  return { account: { creds: readCredentials(folder), keys }, unreadable };
};

/** The keys in such a folder, by type and id, and the names of files that cannot be read. */
export const readKeyFolder = (
  folder: string,
): { keys: Record<string, Record<string, unknown>>; unreadable: string[] } => {
  const keys = Object.fromEntries(keyTypes.map((type) => [type, {} as Record<string, unknown>]));
  const unreadable: string[] = [];
  for (const file of readdirSync(folder)) {
    const key = keyOfFile(file);
    if (!key) continue;
    try {
      Object.assign(keys[key.type] ?? {}, { [key.id]: readJson(join(folder, file)) });
    } catch {
      unreadable.push(file);
    }
  }
  return { keys, unreadable };
};

/** Throws `UNPROCESSABLE`, naming the file. */
export const readCredentials = (folder: string): unknown => {
  const file = join(folder, credentialsFile);
  try {
    return readJson(file);
  } catch (error) {
    throw unprocessable(`${file} cannot be read: ${sentence(error)}`);
  }
};

/** Throws for a file that is no JSON: one that was being written when its server was killed. */
export const readJson = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));
