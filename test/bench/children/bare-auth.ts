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
 * file for their kind when they are asked for and never kept, so that no key weighs on the memory of an idle session.
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
      const keys = { ...this.#stored(type), ...Object.fromEntries(own) };
      writeFileSync(fileOf(join(folder, number), type), JSON.stringify(keys, BufferJSON.replacer));
    }
  }

  #get<T extends keyof SignalDataTypeMap>(type: T, ids: string[]): Record<string, SignalDataTypeMap[T]> {
    const found: Record<string, SignalDataTypeMap[T]> = {};
    const missing = ids.some((id) => !this.#keys.has(`${type}:${id}`)) ? this.#stored(type) : {};
    for (const id of ids) {
      const name = `${type}:${id}`;
      const value = this.#keys.has(name) ? this.#keys.get(name) : missing[name];
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

  #stored(type: string): Stored {
    if (this.#path === null || !existsSync(fileOf(this.#path, type))) return {};
    return JSON.parse(readFileSync(fileOf(this.#path, type), 'utf8'), BufferJSON.reviver) as Stored;
  }
}

const fileOf = (path: string, type: string): string => `${path}.${type}.json`;
