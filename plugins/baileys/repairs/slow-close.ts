import type { EventEmitter } from 'node:events';
import type { WebSocket } from 'ws';

/** How long a peer may take to answer a closing handshake before the connection is cut. */
const CLOSE_GRACE_MS = 1000;

/** Baileys' client of the websocket, as far as it is private in Baileys' types. */
export interface WebSocketClient extends EventEmitter {
  socket: WebSocket | null;
  close(): Promise<void>;
}

/** Baileys' close waits for the peer's, and `ws` gives a peer that is gone 30 s: here the connection is cut after a second. */
export const hastenClose = (client: WebSocketClient): void => {
  const close = client.close.bind(client);
  client.close = async () => {
    const { socket } = client;
    const timer = setTimeout(() => socket?.terminate(), CLOSE_GRACE_MS);
    await close().finally(() => clearTimeout(timer));
  };
};
