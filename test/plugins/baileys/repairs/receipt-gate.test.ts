import { EventEmitter, once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, it, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { WebSocket as Client, WebSocketServer } from 'ws';
import { deferred } from '../../../../plugins/baileys/deferred.ts';
import { GateFigures } from '../../../../plugins/baileys/repairs/gate-figures.ts';
import { ReceiptGate } from '../../../../plugins/baileys/repairs/receipt-gate.ts';
import { beforeQueries } from '../../../../plugins/baileys/repairs/silent-queries.ts';

describe('the receipt gate', () => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  const got: string[] = [];
  let arrived: () => void = () => undefined;
  server.on('connection', (socket) =>
    socket.on('message', (data) => {
      got.push(String(data));
      arrived();
    }),
  );
  const connect = async (): Promise<WebSocket> => {
    if (!server.address()) await once(server, 'listening');
    const socket = new Client(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await once(socket, 'open');
    got.length = 0;
    return socket;
  };
  const until = async (count: number) => {
    while (got.length < count) {
      await new Promise<void>((resolve) => {
        arrived = resolve;
      });
    }
  };
  afterAll(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });

  it('keeps the order, and holds a frame only for what was held before it', async () => {
    const socket = await connect();
    const gate = new ReceiptGate(10_000);
    gate.attach(socket);
    socket.send('free');
    const first = gate.hold();
    socket.send('after first');
    const second = gate.hold();
    socket.send('after second');
    gate.release(first);
    await until(2);
    expect(got).toEqual(['free', 'after first']);
    gate.release(second);
    await until(3);
    expect(got).toEqual(['free', 'after first', 'after second']);
    await gate.idle();
  });

  it('holds nothing longer than its limit', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const gate = new ReceiptGate(5000);
    const sent: unknown[] = [];
    const socket = { readyState: 1, OPEN: 1, send: (data: unknown) => sent.push(data) } as unknown as WebSocket;
    gate.attach(socket);
    gate.hold();
    socket.send('late');
    expect(sent).toEqual([]);
    vi.advanceTimersByTime(5000);
    expect(sent).toEqual(['late']);
    vi.useRealTimers();
  });

  it('lets a query pass what is being published, but never what waits for keys', async () => {
    const figures = new GateFigures();
    const gate = new ReceiptGate(60_000, figures);
    const sent: unknown[] = [];
    const socket = { readyState: 1, OPEN: 1, send: (data: unknown) => sent.push(data) } as unknown as WebSocket;
    gate.attach(socket);
    const client = new EventEmitter();
    beforeQueries(client, () => gate.passQuery());
    gate.holdForPublishing();
    socket.send('receipt');
    expect(sent).toEqual([]);
    client.on('TAG:1', () => undefined);
    socket.send('query');
    expect(sent).toEqual(['receipt', 'query']);
    const keys = deferred();
    gate.holdUntil(keys.promise);
    gate.holdForPublishing();
    client.on('TAG:2', () => undefined);
    socket.send('query of new keys');
    expect(sent).toHaveLength(2);
    keys.resolve();
    await gate.idle();
    expect(sent).toHaveLength(3);
    expect(figures.collect().map(({ name, value }) => [name, value])).toEqual([
      ['waha_gate_frames_total', 2],
      ['waha_gate_wait_seconds_total', expect.any(Number)],
      ['waha_gate_late_total', 0],
    ]);
  });
});
