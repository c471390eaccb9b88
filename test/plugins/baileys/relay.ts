import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';

export interface Relay {
  readonly url: string;
  /** Sends bytes to every client as if the server had. */
  inject(bytes: Buffer): void;
  close(): Promise<void>;
}

/** A websocket in the middle that passes everything on. */
export const startRelay = async (target: string): Promise<Relay> => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  server.on('connection', (client) => {
    const upstream = new WebSocket(target);
    const early: Buffer[] = [];
    client.on('message', (data: Buffer) =>
      upstream.readyState === WebSocket.OPEN ? upstream.send(data) : early.push(data),
    );
    upstream.on('open', () => {
      for (const data of early.splice(0)) upstream.send(data);
    });
    upstream.on('message', (data: Buffer) => client.send(data));
    upstream.on('close', () => client.close());
    upstream.on('error', () => client.terminate());
    client.on('close', () => upstream.close());
  });
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws/chat`,
    inject: (bytes) => {
      for (const client of server.clients) client.send(bytes);
    },
    close: async () => {
      for (const client of server.clients) client.terminate();
      server.close();
      await once(server, 'close');
    },
  };
};
