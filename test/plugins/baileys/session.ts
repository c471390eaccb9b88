import {
  type Client,
  type EventName,
  type EventPayloads,
  type Log,
  type MeInfo,
  type ProxyAddress,
  type SessionConfig,
} from 'waha-runtime';
import type {
  AuthChanges,
  CloseReason,
  EngineConnection,
  EngineInput,
  EngineSignal,
  PublishOptions,
  SessionAuth,
  SessionHistory,
  SessionLibrary,
  StoredMessage,
} from 'waha-runtime/engine';
import { storageFailed } from 'waha-runtime/storage';
import { compile } from '../../../core/config/validate.ts';
import { authRevoked } from '../../../core/errors.ts';
import { BaileysConfig } from '../../../plugins/baileys/config.ts';
import { type ClientVersions, fixedVersion } from '../../../plugins/baileys/connection/version.ts';
import { BaileysEngine } from '../../../plugins/baileys/engine.ts';
import { quietLibsignal } from '../../../plugins/baileys/libsignal/quiet-libsignal.ts';
import { trustRoot, verifySignatures } from '../../../plugins/baileys/libsignal/verify-signatures.ts';
import type { Sandbox } from '../../../plugins/sandbox/sandbox.ts';

/** Credentials and keys in memory, with the rules of the real store (`credentials/memory-auth.test.ts` compares them). */
export class MemoryAuth implements SessionAuth {
  stored: { value: Uint8Array; linked: boolean } | null = null;
  readonly store = new Map<string, Uint8Array>();
  readonly commits: AuthChanges[] = [];
  failing: 'reads' | 'writes' | 'no' = 'no';
  #revoked = false;

  async credentials() {
    if (this.failing === 'reads') throw storageFailed('memory', 'cannot be read');
    return this.stored;
  }

  async keys(type: string, ids: readonly string[]) {
    if (this.failing === 'reads') throw storageFailed('memory', 'cannot be read');
    return new Map(
      ids.flatMap((id) => {
        const value = this.store.get(`${type}.${id}`);
        return value ? [[id, value] as const] : [];
      }),
    );
  }

  async list(type: string) {
    const found = [...this.store].filter(([key]) => key.startsWith(`${type}.`));
    return new Map(found.map(([key, value]) => [key.slice(type.length + 1), value]));
  }

  async commit(changes: AuthChanges) {
    await Promise.resolve();
    if (this.#revoked) throw authRevoked('test');
    if (this.failing === 'writes') throw storageFailed('memory', 'cannot be written');
    const { credentials } = changes;
    if (credentials && !credentials.linked && this.stored?.linked) {
      throw storageFailed('memory', 'the credentials are linked: unlinked ones do not overwrite them');
    }
    this.commits.push(changes);
    if (credentials) this.stored = credentials;
    for (const { type, id, value } of changes.keys ?? []) {
      if (value) this.store.set(`${type}.${id}`, value);
      else this.store.delete(`${type}.${id}`);
    }
  }

  async flush() {}

  revoke() {
    this.#revoked = true;
  }
}

export class MemoryHistory implements SessionHistory {
  readonly messages: StoredMessage[] = [];

  async remember(message: StoredMessage) {
    this.messages.push(message);
  }

  async find(id: string) {
    return this.messages.findLast((message) => message.id === id) ?? null;
  }

  async newest(chatId: string, limit: number) {
    const theirs = this.messages.filter((message) => message.chatId === chatId && !message.fromMe);
    return theirs.reverse().slice(0, limit);
  }
}

export interface Published {
  readonly event: EventName;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into payloads of every kind
  readonly payload: any;
  readonly options: PublishOptions;
}

type Signal<T extends EngineSignal['type']> = Extract<EngineSignal, { type: T }>;

/** A list that tests wait on: an entry that was there already counts, unless it was taken before. */
class Feed<T> {
  readonly entries: T[] = [];
  readonly #waiting = new Set<() => void>();

  add(entry: T): void {
    this.entries.push(entry);
    for (const wake of this.#waiting) wake();
  }

  next<U extends T>(accept: (entry: T) => entry is U, from?: number): Promise<U>;
  next(accept: (entry: T) => boolean, from?: number): Promise<T>;
  next(accept: (entry: T) => boolean, from = 0): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('nothing of the kind came within 50 s')), 50_000);
      const look = () => {
        const found = this.entries.slice(from).find(accept);
        if (found === undefined) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(found);
      };
      this.#waiting.add(look);
      look();
    });
  }
}

export const lines: { level: string; fields: object | string; message: string | undefined }[] = [];
const record = (level: string) => (fields: object | string, message?: string) => lines.push({ level, fields, message });
export const testLog: Log = {
  level: 'trace',
  trace: record('trace'),
  debug: record('debug'),
  info: record('info'),
  warn: record('warn'),
  error: record('error'),
  child: () => testLog,
};

export const pluginConfig = (config: object = {}): BaileysConfig => {
  const checked = compile(BaileysConfig)(config);
  if (!checked.ok) throw new Error(checked.violations.map(({ message }) => message).join('; '));
  return checked.value;
};

export interface SessionOptions {
  readonly plugin?: object;
  readonly config?: SessionConfig;
  readonly proxy?: ProxyAddress | null;
  readonly versions?: ClientVersions;
  readonly auth?: MemoryAuth;
  readonly url?: string;
  readonly library?: SessionLibrary;
}

/** One session as the runtime would hold it: its stores outlive its connections, of which it opens one at a time. */
export class TestSession {
  readonly auth: MemoryAuth;
  readonly history = new MemoryHistory();
  readonly signals = new Feed<EngineSignal>();
  readonly events = new Feed<Published>();
  readonly #engine: BaileysEngine;
  readonly #options: SessionOptions;
  /** Where the newest connection's signals begin. */
  #from = 0;
  connection: EngineConnection | undefined;
  publishing: () => Promise<void> = async () => undefined;

  constructor(sandbox: Pick<Sandbox, 'endpoint'>, options: SessionOptions = {}) {
    verifySignatures();
    quietLibsignal();
    trustRoot(sandbox.endpoint.rootKey);
    this.#options = options;
    this.auth = options.auth ?? new MemoryAuth();
    const endpoint = { ...sandbox.endpoint, ...(options.url ? { url: options.url } : {}) };
    const versions = options.versions ?? fixedVersion(undefined);
    this.#engine = new BaileysEngine({ plugin: pluginConfig(options.plugin), endpoint, versions, now: Date.now });
  }

  open(): EngineConnection {
    this.#from = this.signals.entries.length;
    const input: EngineInput = {
      session: 'test',
      config: this.#options.config ?? {},
      auth: this.auth,
      history: this.history,
      library: this.#options.library ?? null,
      proxy: this.#options.proxy ?? null,
      log: testLog,
      signal: (signal) => this.signals.add(signal),
      publish: async <N extends EventName>(event: N, payload: EventPayloads[N], options: PublishOptions = {}) => {
        this.events.add({ event, payload, options });
        await this.publishing();
      },
    };
    this.connection = this.#engine.open(input);
    return this.connection;
  }

  /** The first signal of a type in the newest connection. */
  signal<T extends EngineSignal['type']>(type: T): Promise<Signal<T>> {
    return this.signals.next((signal): signal is Signal<T> => signal.type === type, this.#from);
  }

  /** The first event of a name that `accept` says yes to. */
  event(name: EventName, accept: (payload: Published['payload']) => boolean = () => true): Promise<Published> {
    return this.events.next(({ event, payload }) => event === name && accept(payload));
  }

  named(name: EventName): Published[] {
    return this.events.entries.filter(({ event }) => event === name);
  }

  /** Opens, shows a QR code to the phone, follows WhatsApp's request to reconnect, and is ready. */
  async link(sandbox: Sandbox, phone: string): Promise<{ client: Client; me: MeInfo }> {
    this.open();
    const { codes } = await this.signal('engine.qr');
    await sandbox.phone(phone).scan(codes[0] ?? '');
    await this.closed();
    return this.login();
  }

  async login(): Promise<{ client: Client; me: MeInfo }> {
    this.open();
    return this.signal('engine.open');
  }

  async closed(): Promise<CloseReason> {
    return (await this.signal('engine.closed')).reason;
  }

  async close(): Promise<void> {
    await this.connection?.close();
  }
}
