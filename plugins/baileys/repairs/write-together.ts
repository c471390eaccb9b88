import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';

/**
 * Frames that are written in one turn of the event loop leave together: a write for each, and a packet, costs as much as
 * making the frame. They wait for the end of the turn and for nothing else. Call it before the websocket is connected; what
 * it is connected through (TLS, a proxy) makes no difference.
 */
export const writeTogether = (socket: WebSocket): void => {
  const send = socket.send.bind(socket) as (...args: unknown[]) => void;
  let wire: Socket | undefined;
  let waits = false;
  socket.once('upgrade', (response: IncomingMessage) => {
    wire = response.socket;
  });
  socket.send = ((...args: unknown[]) => {
    if (wire && !waits) {
      const corked = wire;
      waits = true;
      corked.cork();
      setImmediate(() => {
        waits = false;
        corked.uncork();
      });
    }
    send(...args);
  }) as WebSocket['send'];
};
