import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket } from 'ws';
import { serve } from './serve.ts';

const ids = new Set<string>();
let latencies: number[] = [];
let count = 0;
let first = 0;
let last = 0;
let waiting: { count: number; resolve(): void } | undefined;

const p99 = (): number =>
  latencies.toSorted((left, right) => left - right)[Math.ceil(latencies.length * 0.99) - 1] ?? 0;

const arrived = () => ({ count, distinct: ids.size, first, last, p99: p99() });

const note = (id: string): void => {
  last = performance.now();
  if (count === 0) first = last;
  count += 1;
  ids.add(id);
  if (waiting && count >= waiting.count) waiting.resolve();
};

const receive: RequestListener = (request, response) => {
  request.resume();
  request.once('end', () => {
    latencies.push(Date.now() - Number(request.headers['x-webhook-timestamp']));
    response.writeHead(200).end();
    note(String(request.headers['webhook-id'] ?? count));
  });
};

/** Follows a WebSocket; the events that it brings count like those that are posted. */
const follow = (url: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    socket.once('open', () => resolve());
    socket.once('error', reject);
    socket.on('message', (data) => note(String((JSON.parse(String(data)) as { id?: unknown }).id ?? count)));
  });

/** Answers late, and counts nothing. */
const dawdle =
  (afterMs: number): RequestListener =>
  (request, response) => {
    request.resume();
    request.once('end', () => setTimeout(() => response.writeHead(200).end(), afterMs));
  };

/** A server of its own, as an endpoint of its own has. */
const listen = (answer: RequestListener): Promise<{ url: string }> =>
  new Promise((resolve) => {
    const server = createServer(answer);
    server.keepAliveTimeout = 60_000;
    server.listen(0, '127.0.0.1', () => {
      resolve({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhook` });
    });
  });

const until = (wanted: number, limitMs: number): Promise<ReturnType<typeof arrived>> =>
  new Promise((resolve, reject) => {
    if (count >= wanted) return resolve(arrived());
    const timer = setTimeout(() => reject(new Error(`${count} of ${wanted} came within ${limitMs} ms`)), limitMs);
    waiting = {
      count: wanted,
      resolve: () => {
        clearTimeout(timer);
        waiting = undefined;
        resolve(arrived());
      },
    };
  });

serve({
  listen: () => listen(receive),
  follow: ({ url }: { url: string }) => follow(url),
  dawdle: ({ afterMs }: { afterMs: number }) => listen(dawdle(afterMs)),
  reset: () => {
    ids.clear();
    latencies = [];
    count = 0;
  },
  until: (input: { count: number; limitMs: number }) => until(input.count, input.limitMs),
});
