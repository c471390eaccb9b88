import type { BinaryNode } from '@whiskeysockets/baileys';
import type { BaileysConfig } from '../config.ts';
import type { WriteGate } from '../credentials/auth-state.ts';
import { within } from '../deferred.ts';
import { readableNumbers } from '../repairs/changed-numbers.ts';
import { tellChannelNews } from '../repairs/channel-news.ts';
import { holdUntilPublished } from '../repairs/early-receipts.ts';
import { mergeGroupUpdates } from '../repairs/group-updates.ts';
import { askForAllThatWaited } from '../repairs/offline-batches.ts';
import { releaseQueries } from '../repairs/pending-queries.ts';
import { type GateWatch, ReceiptGate } from '../repairs/receipt-gate.ts';
import { catchRejections } from '../repairs/rejecting-listeners.ts';
import { beforeQueries, refuseSilence } from '../repairs/silent-queries.ts';
import { hastenClose, type WebSocketClient } from '../repairs/slow-close.ts';
import { announceWhatIsHeard } from '../repairs/stanza-names.ts';
import { askWithTexts } from '../repairs/text-attributes.ts';
import { writeTogether } from '../repairs/write-together.ts';
import type { BaileysSocket } from '../socket/socket.ts';

/** How long stanzas that are being handled may take to finish when the socket ends. */
const HANDLING_GRACE_MS = 3000;
/** How long a receipt may wait for the publishing of its message. */
const PUBLISHING_GRACE_MS = 5000;

const clientOf = (sock: BaileysSocket): WebSocketClient => sock.ws as unknown as WebSocketClient;

export interface SocketCare {
  /** Stops reading and waits, a little while, until everything read so far is handled and receipted. */
  settle(): Promise<void>;
  /** Ends the socket at this moment. */
  cut(): void;
  /** Reading on and off: the way to hold WhatsApp back. */
  read(on: boolean): void;
  /** A stanza was decrypted: what is written from now on waits until it has been published. */
  decrypted(): void;
  /** For keys and messages that what is written from now on must not leave behind. */
  readonly gate: WriteGate;
}

export interface CareOptions {
  /** A listener of Baileys' rejected. */
  onError(event: string, error: unknown): void;
  /** Resolves when what was handed out so far is published. */
  published(): Promise<void>;
  /** The stanza of a message has been handled. */
  handled(stanza: BinaryNode): void;
  /** `queryTimeoutMs`: how long a query may go unanswered. */
  readonly plugin: Pick<BaileysConfig, 'queryTimeoutMs'>;
  readonly gateWatch: GateWatch;
}

/** Applies the repairs that concern the websocket of one connection; each says in its own file what it mends (`repairs/`). */
export const takeCare = (sock: BaileysSocket, options: CareOptions): SocketCare => {
  const { onError, published, handled } = options;
  const client = clientOf(sock);
  const handling = new Set<Promise<unknown>>();
  askWithTexts(sock);
  mergeGroupUpdates(sock);
  readableNumbers(sock);
  catchRejections(client, handling, onError, handled);
  askForAllThatWaited(client, (batch) => sock.sendNode(batch));
  hastenClose(client);
  announceWhatIsHeard(client);
  tellChannelNews(sock);
  refuseSilence(client, options.plugin.queryTimeoutMs);
  const gate = gateOf(client, options.gateWatch);
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
    cut: () => client.socket?.terminate(),
    decrypted: holdUntilPublished(sock, gate, published),
    gate: writeGateOf(gate),
    settle: async () => {
      read(false);
      await handledAll();
      await within(HANDLING_GRACE_MS, gate.idle());
      read(true);
    },
  };
};

const gateOf = (client: WebSocketClient, watch: GateWatch): ReceiptGate => {
  const gate = new ReceiptGate(PUBLISHING_GRACE_MS, watch);
  const { socket } = client;
  if (socket) {
    writeTogether(socket);
    gate.attach(socket);
  }
  beforeQueries(client, () => gate.passQuery());
  return gate;
};

const writeGateOf = (gate: ReceiptGate): WriteGate => ({
  holdUntil: (durable) => gate.holdUntil(durable),
  hold: () => {
    const id = gate.hold();
    return () => gate.release(id);
  },
});

/** Live stanzas are handled in their listeners, those that waited on the server one after the other under this mutex. */
const allOf = async (handling: Set<Promise<unknown>>, sock: BaileysSocket): Promise<void> => {
  while (handling.size > 0) await Promise.all(handling);
  await sock.messageMutex.mutex(async () => undefined);
};
