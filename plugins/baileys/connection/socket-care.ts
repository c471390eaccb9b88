import type { EventEmitter } from 'node:events';
import type { BinaryNode } from '@whiskeysockets/baileys';
import type { WebSocket } from 'ws';
import type { WriteGate } from '../credentials/auth-state.ts';
import { within } from '../deferred.ts';
import { announceWhatIsHeard } from './heard-stanzas.ts';
import { ReceiptGate } from './receipt-gate.ts';
import type { BaileysSocket } from './socket-options.ts';
import { writeTogether } from './write-together.ts';

/** How long a peer may take to answer a closing handshake before the connection is cut. */
const CLOSE_GRACE_MS = 1000;
/** How long stanzas that are being handled may take to finish when the socket ends. */
const HANDLING_GRACE_MS = 3000;
/** How long a receipt may wait for the publishing of its message. */
const PUBLISHING_GRACE_MS = 5000;
const CONNECTION_CLOSED = 428;

/** Stanzas whose handling ends in a receipt or an ack, and in an event. */
const handled = new Set<string | symbol>(['CB:message', 'CB:receipt', 'CB:notification', 'CB:call']);

type Listener = (...args: unknown[]) => unknown;
interface WebSocketClient extends EventEmitter {
  socket: WebSocket | null;
  close(): Promise<void>;
}
const clientOf = (sock: BaileysSocket): WebSocketClient => sock.ws as unknown as WebSocketClient;

export interface SocketCare {
  /** Stops reading and waits, a little while, until everything read so far is handled and receipted. */
  settle(): Promise<void>;
  /** Reading on and off: the way to hold WhatsApp back. */
  read(on: boolean): void;
  /** A stanza was decrypted: what is written from now on waits until it has been published. */
  decrypted(): void;
  /** For keys and messages that what is written from now on must not leave behind. */
  readonly gate: WriteGate;
}

export interface CareParts {
  /** A listener of Baileys' rejected. */
  onError(event: string, error: unknown): void;
  /** Resolves when what was handed out so far is published. */
  published(): Promise<void>;
}

/**
 * Looks after what Baileys leaves open:
 * - a rejection in one of its listeners would be an unhandled one and end the process: it goes to `onError`;
 * - closing waits up to 30 s for a peer that is gone: the connection is cut after a second;
 * - queries under way hang on for a minute after the end: they are released at once;
 * - stanzas under way, and events still in its buffer, are lost at the end although WhatsApp has their receipts: the end
 *   waits for them;
 * - the receipt of a message leaves before the message is handed out: it is held until the message is published;
 * - keys are written one message after the other, each waiting for the disk: here what is sent waits, not the next message;
 * - messages that waited on the server queue apart from live ones, which overtake them: here all go the same way;
 * - a stanza is announced under thirty names that nobody listens to.
 */
export const takeCare = (sock: BaileysSocket, { onError, published }: CareParts): SocketCare => {
  const client = clientOf(sock);
  const handling = new Set<Promise<unknown>>();
  watchListeners(client, handling, onError);
  hastenClose(client);
  announceWhatIsHeard(client);
  const gate = gateOf(client);
  const handledAll = () => within(HANDLING_GRACE_MS, allOf(handling, sock));
  sock.registerSocketEndHandler(async () => {
    gate.open();
    releaseQueries(client);
    await handledAll();
    sock.ev.flush();
  });
  const read = (on: boolean) => {
    const { socket } = client;
    if (socket?.readyState !== 1) return;
    if (on) socket.resume();
    else socket.pause();
  };
  return {
    read,
    decrypted: holdUntilPublished(sock, gate, published),
    gate: {
      holdUntil: (durable) => gate.holdUntil(durable),
      hold: (late) => {
        const id = gate.hold(late);
        return () => gate.release(id);
      },
    },
    settle: async () => {
      read(false);
      await handledAll();
      await within(HANDLING_GRACE_MS, gate.idle());
      read(true);
    },
  };
};

const gateOf = ({ socket }: WebSocketClient): ReceiptGate => {
  const gate = new ReceiptGate(PUBLISHING_GRACE_MS);
  if (socket) {
    writeTogether(socket);
    gate.attach(socket);
  }
  return gate;
};

/**
 * Messages are decrypted and handed out one at a time under Baileys' mutex. So when the next one is decrypted, or the mutex
 * is free again, the one before has been handed out, or waits in Baileys' buffer, which is emptied here.
 */
const holdUntilPublished = (sock: BaileysSocket, gate: ReceiptGate, published: () => Promise<void>): (() => void) => {
  let held: number[] = [];
  let looking = false;
  const letGo = () => {
    if (held.length === 0) return;
    const done = held;
    held = [];
    sock.ev.flush();
    void published().then(() => {
      for (const hold of done) gate.release(hold);
    });
  };
  return () => {
    letGo();
    held.push(gate.hold());
    if (looking) return;
    looking = true;
    void sock.messageMutex
      .mutex(async () => undefined)
      .then(() => {
        looking = false;
        letGo();
      });
  };
};

const watchListeners = (
  client: WebSocketClient,
  handling: Set<Promise<unknown>>,
  onError: (event: string, error: unknown) => void,
): void => {
  for (const event of client.eventNames()) {
    const listeners = client.listeners(event) as Listener[];
    client.removeAllListeners(event);
    for (const listener of listeners) {
      client.on(event, (...args: unknown[]) => {
        if (event === 'CB:message') asLive(args[0] as BinaryNode);
        const result = listener(...args);
        if (!(result instanceof Promise)) return;
        const caught = result.catch((error) => onError(String(event), error));
        if (!handled.has(event)) return;
        handling.add(caught);
        void caught.then(() => handling.delete(caught));
      });
    }
  }
};

/** `offline` only decides about Baileys' queue and the type of its upsert, which makes no difference to us. */
const asLive = ({ attrs }: BinaryNode): void => {
  delete attrs.offline;
};

const hastenClose = (client: WebSocketClient): void => {
  const close = client.close.bind(client);
  client.close = async () => {
    const { socket } = client;
    const timer = setTimeout(() => socket?.terminate(), CLOSE_GRACE_MS);
    await close().finally(() => clearTimeout(timer));
  };
};

/** Every query listens for an error of the websocket; Baileys' own end is past by now and ignores it. */
const releaseQueries = (client: WebSocketClient): void => {
  const error = Object.assign(new Error('Connection Closed'), {
    isBoom: true,
    output: { statusCode: CONNECTION_CLOSED },
  });
  if (client.listenerCount('error') > 0) client.emit('error', error);
};

/** Live stanzas are handled in their listeners, those that waited on the server one after the other under this mutex. */
const allOf = async (handling: Set<Promise<unknown>>, sock: BaileysSocket): Promise<void> => {
  while (handling.size > 0) await Promise.all(handling);
  await sock.messageMutex.mutex(async () => undefined);
};
