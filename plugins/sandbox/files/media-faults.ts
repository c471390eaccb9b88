import type { ServerResponse } from 'node:http';
import type { Clock } from 'waha-runtime';
import type { Fault } from '../wire/faults.ts';

/** What a download is told to do wrong. */
export type MediaFault = Extract<Fault, { kind: 'media' }>;

/** A slow download comes in pieces of this size. */
const PIECE = 64 * 1024;

/** Answers a download as a fault wants it. */
export function misserve(fault: MediaFault, bytes: Buffer, response: ServerResponse, clock: Clock): void {
  switch (fault.how) {
    case 'hang':
      return;
    case 'status':
      return void response.writeHead(fault.status ?? 404).end();
    case 'damage':
      return void response.writeHead(200, { 'content-length': bytes.length }).end(damaged(bytes));
    case 'truncate':
      return void response.writeHead(200).end(bytes.subarray(0, Math.floor(bytes.length / 2)));
    case 'cut':
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy());
      return;
    case 'slow':
      response.writeHead(200, { 'content-length': bytes.length });
      trickle(bytes, response, clock, fault.delayMs ?? 100);
  }
}

function trickle(bytes: Buffer, response: ServerResponse, clock: Clock, delayMs: number): void {
  if (response.destroyed) return;
  response.write(bytes.subarray(0, PIECE));
  if (bytes.length <= PIECE) return void response.end();
  clock.setTimeout(() => trickle(bytes.subarray(PIECE), response, clock, delayMs), delayMs);
}

/** One bit is another one: every hash notices. */
const damaged = (bytes: Buffer): Buffer => {
  const copy = Buffer.from(bytes);
  const at = Math.floor(copy.length / 2);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
};
