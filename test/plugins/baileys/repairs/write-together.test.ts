import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { writeTogether } from '../../../../plugins/baileys/repairs/write-together.ts';

let server: WebSocketServer;
afterEach(() => {
  for (const client of server.clients) client.terminate();
  server.close();
});

/** A client, and how many pieces it hands to the kernel. */
const connect = async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const got: string[] = [];
  const peer = once(server, 'connection').then(([socket]: WebSocket[]) => {
    socket?.on('message', (data) => got.push(String(data)));
    return socket;
  });
  const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  writeTogether(socket);
  let writes = 0;
  socket.once('upgrade', ({ socket: wire }: { socket: Socket }) => {
    for (const way of ['_write', '_writev'] as const) {
      const write = wire[way]?.bind(wire) as (...args: unknown[]) => void;
      wire[way] = (...args: unknown[]) => {
        writes += 1;
        write(...args);
      };
    }
  });
  await once(socket, 'open');
  return { socket, got, peer: await peer, writes: () => writes };
};

describe('frames of one turn', () => {
  it('leave in one write, in their order; those of the next turn in another', async () => {
    const { socket, got, peer, writes } = await connect();
    const arrived = (count: number) =>
      new Promise<void>((resolve) => peer?.on('message', () => got.length === count && resolve()));
    const first = arrived(3);
    for (const text of ['one', 'two', 'x'.repeat(70_000)]) socket.send(text);
    await first;
    expect(writes()).toBe(1);
    const second = arrived(5);
    await Promise.resolve().then(() => socket.send(Buffer.from('four')));
    socket.send('five');
    await second;
    expect(writes()).toBe(2);
    expect(got.map((text) => text.slice(0, 5))).toEqual(['one', 'two', 'xxxxx', 'four', 'five']);
  });

  it('leave before the connection is closed in the same turn', async () => {
    const { socket, got, peer } = await connect();
    const closed = once(peer as WebSocket, 'close');
    socket.send('last words');
    socket.close(1000);
    await closed;
    expect(got).toEqual(['last words']);
  });
});
