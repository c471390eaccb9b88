import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from './serve.ts';

const ids = new Set<string>();
let count = 0;
let first = 0;
let last = 0;
let waiting: { count: number; resolve(): void } | undefined;

const arrived = () => ({ count, distinct: ids.size, first, last });

const server = createServer((request, response) => {
  request.resume();
  request.once('end', () => {
    last = performance.now();
    if (count === 0) first = last;
    count += 1;
    ids.add(String(request.headers['webhook-id'] ?? count));
    response.writeHead(200).end();
    if (waiting && count >= waiting.count) waiting.resolve();
  });
});
server.keepAliveTimeout = 60_000;

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
  listen: () =>
    new Promise((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        resolve({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhook` });
      });
    }),
  reset: () => {
    ids.clear();
    count = 0;
  },
  until: (input: { count: number; limitMs: number }) => until(input.count, input.limitMs),
});
