import {
  type AuthenticationCreds,
  type AuthenticationState,
  type BaileysEventMap,
  type ConnectionState,
  Curve,
  type DisconnectReason,
  initAuthCreds,
  makeWASocket,
  proto,
  type SignalDataSet,
  type SignalDataTypeMap,
  type UserFacingSocketConfig,
  WA_CERT_DETAILS,
  type WASocket,
} from '@whiskeysockets/baileys';
import { verifySignature } from 'libsignal/src/curve.js';
import { pino } from 'pino';
import { type Phone, type Sandbox, startSandbox } from '../../../plugins/sandbox/sandbox.ts';

/** Installs the signature check that Baileys rc14 meant to have: `Curve.verify` there accepts every signature. */
export function verifyForReal(rootKey: string): void {
  WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(rootKey, 'hex');
  const known = new Map<string, boolean>();
  // 12 ms each; the certificate chain is the same at every connection.
  Curve.verify = (key, message, signature) => {
    const question = [key, message, signature].map((part) => Buffer.from(part).toString('base64')).join();
    const answer = known.get(question) ?? isValid(key, message, signature);
    known.set(question, answer);
    return answer;
  };
  const isValid = (key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean => {
    const typed = key.length === 33 ? key : Buffer.concat([Buffer.from([5]), key]);
    return verifySignature(Buffer.from(typed), message, signature);
  };
}

/** libsignal prints sessions, private keys included. */
export function hush(): void {
  for (const level of ['info', 'warn', 'error'] as const) console[level] = () => undefined;
}

/** Credentials and keys in memory, as a process keeps them: they outlive the sockets. */
export interface Memory extends AuthenticationState {
  creds: AuthenticationCreds;
}

const INITIAL_KEYS = 812;
const oneTimeKeys = Array.from({ length: 16 }, () => Curve.generateKeyPair());

/**
 * Credentials of a client that was never linked. Making the 812 one-time keys of a first login is most of what linking
 * costs, so here all clients have the same few; with `ownKeys` the client makes them itself.
 */
export function memory({ ownKeys = false } = {}): Memory {
  const data = new Map<string, unknown>();
  const creds = initAuthCreds();
  if (!ownKeys) {
    for (let id = 1; id <= INITIAL_KEYS; id++) data.set(`pre-key:${id}`, oneTimeKeys[id % oneTimeKeys.length]);
    creds.nextPreKeyId = INITIAL_KEYS + 1;
  }
  return {
    creds,
    keys: {
      get: async <T extends keyof SignalDataTypeMap>(type: T, ids: string[]) => {
        const found: { [id: string]: SignalDataTypeMap[T] } = {};
        for (const id of ids) {
          let value = data.get(`${type}:${id}`);
          if (type === 'app-state-sync-key' && value) {
            value = proto.Message.AppStateSyncKeyData.fromObject(value as object);
          }
          if (value !== undefined) found[id] = value as SignalDataTypeMap[T];
        }
        return found;
      },
      set: async (set: SignalDataSet) => {
        for (const [type, values] of Object.entries(set)) {
          for (const [id, value] of Object.entries(values ?? {})) {
            if (value === null || value === undefined) data.delete(`${type}:${id}`);
            else data.set(`${type}:${id}`, value);
          }
        }
      },
    },
  };
}

/** A Baileys socket with its events kept, so that a test can wait for one that has already been. */
export class Client {
  readonly socket: WASocket;
  readonly auth: Memory;
  readonly #past: { name: keyof BaileysEventMap; payload: unknown }[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(sandbox: Sandbox, auth: Memory, options: Partial<UserFacingSocketConfig> = {}) {
    this.auth = auth;
    this.socket = makeWASocket({
      auth,
      waWebSocketUrl: sandbox.endpoint.url,
      logger: pino({ level: process.env['BAILEYS_LOG'] ?? 'silent' }) as never,
      ...options,
    });
    this.socket.ev.on('creds.update', (update) => Object.assign(auth.creds, update));
    const names: (keyof BaileysEventMap)[] = [
      'connection.update',
      'creds.update',
      'messages.upsert',
      'messages.update',
      'presence.update',
      'call',
      'groups.upsert',
      'groups.update',
      'group-participants.update',
      'message-receipt.update',
      'messaging-history.set',
      'chats.update',
      'contacts.upsert',
      'contacts.update',
      'labels.edit',
      'labels.association',
      'blocklist.update',
    ];
    for (const name of names) {
      this.socket.ev.on(name, (payload) => {
        this.#past.push({ name, payload });
        for (const look of this.#waiting) look();
      });
    }
  }

  /** The first event, past or to come, of which `pick` makes something. */
  async until<N extends keyof BaileysEventMap, T>(
    name: N,
    pick: (payload: BaileysEventMap[N]) => T | undefined | false,
    timeoutMs = 50_000,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`no fitting '${name}' within ${timeoutMs} ms`));
      }, timeoutMs);
      let seen = 0;
      const look = (): void => {
        for (; seen < this.#past.length; seen++) {
          const event = this.#past[seen];
          if (event?.name !== name) continue;
          const picked = pick(event.payload as BaileysEventMap[N]);
          if (picked === undefined || picked === false) continue;
          clearTimeout(timer);
          this.#waiting.delete(look);
          resolve(picked);
          return;
        }
      };
      this.#waiting.add(look);
      look();
    });
  }

  qr(): Promise<string> {
    return this.until('connection.update', ({ qr }) => qr);
  }

  opened(): Promise<true> {
    return this.until('connection.update', ({ connection }) => connection === 'open' || undefined);
  }

  /** How the connection ended: Baileys' status code. */
  closed(timeoutMs?: number): Promise<DisconnectReason | number> {
    return this.until('connection.update', (update) => statusOf(update), timeoutMs);
  }

  /** The text of the first message that fits, with its upsert type. */
  text(text: string): Promise<{ key: proto.IMessageKey; type: string; message: proto.IMessage }> {
    return this.until('messages.upsert', ({ messages, type }) => {
      const found = messages.find(
        ({ message }) => (message?.conversation || message?.extendedTextMessage?.text) === text,
      );
      return found?.message ? { key: found.key, type, message: found.message } : undefined;
    });
  }

  /** Status 0 to 5 of a sent message, the first one that reaches `least`. */
  status(id: string, least: number): Promise<number> {
    return this.until('messages.update', (updates) => {
      const found = updates.find(({ key, update }) => key.id === id && (update.status ?? -1) >= least);
      return found?.update.status ?? undefined;
    });
  }

  /** Closes the socket, and waits until Baileys is done with it. */
  async close(): Promise<void> {
    await this.socket.end(undefined);
  }
}

function statusOf({ connection, lastDisconnect }: Partial<ConnectionState>): number | undefined {
  if (connection !== 'close') return undefined;
  const output = (lastDisconnect?.error as { output?: { statusCode?: number } } | undefined)?.output;
  return output?.statusCode ?? 0;
}

/** A linked and logged-in client. */
export interface Linked {
  readonly phone: Phone;
  readonly auth: Memory;
  readonly client: Client;
}

/** Links a new client to a phone by QR code, reconnects as the server asks for, and waits for `open`. */
export async function link(
  sandbox: Sandbox,
  number: string,
  options: Partial<UserFacingSocketConfig> = {},
): Promise<Linked> {
  const phone = sandbox.phone(number);
  const auth = memory();
  const first = new Client(sandbox, auth, options);
  await phone.scan(await first.qr());
  await first.closed();
  const client = new Client(sandbox, auth, options);
  await client.opened();
  return { phone, auth, client };
}

/** A sandbox whose signatures Baileys really checks. */
export async function sandboxForTests(options: Parameters<typeof startSandbox>[0] = {}): Promise<Sandbox> {
  hush();
  const sandbox = await startSandbox(options);
  verifyForReal(sandbox.endpoint.rootKey);
  return sandbox;
}
