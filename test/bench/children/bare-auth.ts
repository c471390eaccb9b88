import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AuthenticationCreds,
  type AuthenticationState,
  BufferJSON,
  initAuthCreds,
  proto,
  type SignalDataSet,
  type SignalDataTypeMap,
} from '@whiskeysockets/baileys';

type Stored = Record<string, unknown>;

/**
 * The cheapest store that bare Baileys can have: in memory while a process lives. After a restart keys are read from a
 * file for their kind when they are first asked for, so that none weighs on the memory of an idle session, and what was
 * asked for is in memory from then on.
 */
export class BareAuth implements AuthenticationState {
  readonly creds: AuthenticationCreds;
  readonly keys: AuthenticationState['keys'];
  readonly #keys: Map<string, unknown> = new Map();
  /** Where its files are, without the kind of key. */
  readonly #path: string | null;

  constructor(creds: AuthenticationCreds = initAuthCreds(), path: string | null = null) {
    this.creds = creds;
    this.#path = path;
    this.keys = {
      get: async (type, ids) => this.#get(type, ids),
      set: async (data) => this.#set(data),
    };
  }

  static load(folder: string, number: string): BareAuth {
    const creds = JSON.parse(readFileSync(join(folder, `${number}.creds.json`), 'utf8'), BufferJSON.reviver);
    return new BareAuth(creds as AuthenticationCreds, join(folder, number));
  }

  save(folder: string, number: string): void {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${number}.creds.json`), JSON.stringify(this.creds, BufferJSON.replacer));
    for (const type of new Set([...this.#keys.keys()].map((name) => name.split(':')[0] ?? ''))) {
      const own = [...this.#keys].filter(([name]) => name.startsWith(`${type}:`));
      const keys = Object.entries({ ...this.#stored(type), ...Object.fromEntries(own) }).filter(
        ([, key]) => key != null,
      );
      if (keys.length === 0 && this.#path === null) continue;
      write(fileOf(join(folder, number), type), keys);
      if (type === 'pre-key') write(fileOf(join(folder, number), newest), keys.sort(byId).slice(-1));
    }
  }

  #get<T extends keyof SignalDataTypeMap>(type: T, ids: string[]): Record<string, SignalDataTypeMap[T]> {
    const found: Record<string, SignalDataTypeMap[T]> = {};
    const missing = this.#missing(type, ids);
    for (const id of ids) {
      const name = `${type}:${id}`;
      const value = this.#keys.has(name) ? this.#keys.get(name) : missing[name];
      // Only a new contact would use a one-time key that a login asks for.
      if (type !== 'pre-key') this.#keys.set(name, value ?? null);
      if (value == null) continue;
      const typed =
        type === 'app-state-sync-key' ? proto.Message.AppStateSyncKeyData.fromObject(value as object) : value;
      found[id] = typed as SignalDataTypeMap[T];
    }
    return found;
  }

  #set(data: SignalDataSet): void {
    for (const [type, values] of Object.entries(data)) {
      for (const [id, value] of Object.entries(values ?? {})) this.#keys.set(`${type}:${id}`, value);
    }
  }

  #missing(type: string, ids: readonly string[]): Stored {
    if (ids.every((id) => this.#keys.has(`${type}:${id}`))) return {};
    const [first] = type === 'pre-key' && ids.length === 1 ? ids : [];
    const last = first === undefined ? {} : this.#stored(newest);
    return `${type}:${first}` in last ? last : this.#stored(type);
  }

  #stored(type: string): Stored {
    if (this.#path === null || !existsSync(fileOf(this.#path, type))) return {};
    return JSON.parse(readFileSync(fileOf(this.#path, type), 'utf8'), BufferJSON.reviver) as Stored;
  }
}

/** Each login asks for the newest one-time key, and for no other: it has a file of its own. */
const newest = 'newest-pre-key';

const byId = ([a]: [string, unknown], [b]: [string, unknown]): number => idOf(a) - idOf(b);

const idOf = (name: string): number => Number(name.split(':')[1]);

const write = (file: string, keys: readonly [string, unknown][]): void =>
  writeFileSync(file, JSON.stringify(Object.fromEntries(keys), BufferJSON.replacer));

const fileOf = (path: string, type: string): string => `${path}.${type}.json`;
