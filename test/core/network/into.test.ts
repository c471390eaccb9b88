import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough, Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEgress } from '../../../core/network/egress.ts';

const bytes = randomBytes(3 * 1024 * 1024);
const egress = createEgress({ allow: { cidrs: ['127.0.0.1'] } });
let server: Server;
let url: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/error') response.statusCode = 404;
    response.end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await egress.close();
  server.close();
});

/** Takes one piece at a turn of the event loop. */
const slow = (taken: Buffer[]) =>
  new Writable({
    highWaterMark: 1024,
    write: (chunk: Buffer, _, done) => {
      taken.push(chunk);
      void turn().then(() => done());
    },
  });

describe('an answer that is written elsewhere', () => {
  it('comes whole, and no faster than it is taken', async () => {
    const taken: Buffer[] = [];
    const into = slow(taken);
    const answer = await egress.request({ url, into, maxBytes: bytes.length });
    await new Promise<void>((resolve) => into.end(resolve));
    expect([answer.status, answer.body.length]).toEqual([200, 0]);
    expect(Buffer.concat(taken).equals(bytes)).toBe(true);
  });

  it('is thrown away when it is an error', async () => {
    const taken: Buffer[] = [];
    const answer = await egress.request({ url: `${url}/error`, into: slow(taken), maxBytes: bytes.length });
    expect([answer.status, taken.length]).toEqual([404, 0]);
  });

  it('ends at the cap', async () => {
    const request = egress.request({ url, into: new PassThrough().resume(), maxBytes: 100_000 });
    await expect(request).rejects.toMatchObject({ fault: 'too_large' });
  });

  it('ends when it cannot be written', async () => {
    const into = new Writable({ write: (_chunk, _encoding, done) => done(new Error('the disk is full')) });
    await expect(egress.request({ url, into, maxBytes: bytes.length })).rejects.toMatchObject({
      fault: 'aborted',
      message: expect.stringContaining('the disk is full'),
    });
  });
});
