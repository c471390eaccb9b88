import { isRuntimeError, type RuntimeError, whatsAppRefused } from 'waha-runtime';
import { connectionLost } from 'waha-runtime/engine';
import type { BaileysSocket } from './socket.ts';

/** The way out: calls to WhatsApp that end with the connection at the latest, with errors that say whose fault it was. */
export class Requests {
  readonly #session: string;
  readonly #sock: BaileysSocket;
  readonly #pending = new Set<(error: RuntimeError) => void>();
  #closed = false;

  /** `timeoutMs` is how long WhatsApp may take for an answer. */
  constructor(
    session: string,
    sock: BaileysSocket,
    readonly timeoutMs = 20_000,
  ) {
    this.#session = session;
    this.#sock = sock;
  }

  /** Calls under way. */
  get pending(): number {
    return this.#pending.size;
  }

  /** `what` completes the sentence "WhatsApp refused …". */
  call<T>(what: string, action: (sock: BaileysSocket) => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(connectionLost(this.#session));
    return new Promise<T>((resolve, reject) => {
      this.#pending.add(reject);
      const done = () => this.#pending.delete(reject);
      attempt(action, this.#sock).then(
        (value) => {
          done();
          resolve(value);
        },
        (error) => {
          done();
          reject(failureOf(error, what, this.#session));
        },
      );
    });
  }

  /** Rejects what is under way, and everything that comes. */
  close(): void {
    this.#closed = true;
    for (const reject of this.#pending) reject(connectionLost(this.#session));
    this.#pending.clear();
  }
}

const attempt = async <T>(action: (sock: BaileysSocket) => Promise<T>, sock: BaileysSocket): Promise<T> => action(sock);

interface BoomLike {
  readonly message: string;
  readonly data?: unknown;
  readonly output?: { readonly statusCode?: number };
}

/** Baileys rejects with whatever its websocket says at the end: the bare code of its close, or the error of the socket. */
const isOfTheConnection = (error: unknown): boolean => {
  if (typeof error === 'number') return true;
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: unknown };
  const isSystem = typeof code === 'string' && /^(?:E[A-Z0-9]+|WS_ERR_\w+)$/.test(code);
  return isSystem || (typeof message === 'string' && message.startsWith('WebSocket'));
};

const failureOf = (error: unknown, what: string, session: string): RuntimeError => {
  if (isRuntimeError(error)) return error;
  const { output, data, message } = Object(error) as BoomLike;
  const status = output?.statusCode;
  if (status === 428 || status === 408 || isOfTheConnection(error)) return connectionLost(session, error);
  // An error node of a query: Baileys puts WhatsApp's number into `data`.
  if (typeof data === 'number') return whatsAppRefused(what, data);
  return whatsAppRefused(`${what}: ${message ?? error}`);
};
