import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WAMedia, WAMessage } from '../../core/index.ts';
import { apiKey } from '../support/deployment.ts';
import { ProcessWorld } from '../support/process-world.ts';

const MiB = 1024 * 1024;
const SIZE = 64 * MiB;
/** A process that held the file would grow by more than its size. */
const MOST_GROWTH = SIZE / 2;
/**
 * V8 lets 64 MiB of old buffers lie before it looks for them. Here it looks after every few that came, so that what stays is what is
 * held. It does so by their bytes and not by the clock: a busy machine would do nothing else.
 */
const collecting = `
  import { setFlagsFromString } from 'node:v8';
  import { runInNewContext } from 'node:vm';
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  const held = () => process.memoryUsage().arrayBuffers;
  let left = 0;
  setInterval(() => {
    if (Math.abs(held() - left) < ${4 * MiB}) return;
    collect({ type: 'minor' });
    if (held() - left > ${4 * MiB}) collect();
    left = held();
  }, 10).unref();
`;
const session = 'default';
const phone = '4915200003001';
const ana = '4915200003002';

let world: ProcessWorld;
let server: Server;
const large = randomBytes(SIZE);
/** Warms the process up: it takes some 40 MB for its buffers once, whatever the size of the file. */
const small = large.subarray(0, 24 * MiB);
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

beforeAll(async () => {
  server = createServer((request, response) => response.end(request.url === '/large' ? large : small));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const nodeOptions = `--import=data:text/javascript,${encodeURIComponent(collecting)}`;
  world = await ProcessWorld.start(
    { files: { downloadSeconds: 200, waitSeconds: 230 } },
    { NODE_OPTIONS: nodeOptions },
  );
  await world.api.post('/api/sessions', { name: session });
  const { body } = await world.api.get(`/api/${session}/auth/qr?format=raw`);
  await world.outside.sandbox.phone(phone).scan(body.value);
  await world.outside.hooks.status(session, 'WORKING');
});
afterAll(async () => {
  await world?.close();
  server.close();
});

/** How much memory the process holds now, or has held at most since the last `reset` (bytes). */
const memory = (what: 'VmRSS' | 'VmHWM'): number => {
  const status = readFileSync(`/proc/${world.process.child.pid}/status`, 'utf8');
  return Number(new RegExp(`${what}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024;
};
const growthOf = async (work: () => Promise<void>): Promise<number> => {
  // The kernel forgets the highest mark so far.
  writeFileSync(`/proc/${world.process.child.pid}/clear_refs`, '5');
  const before = memory('VmRSS');
  await work();
  return memory('VmHWM') - before;
};

/** A contact sends a file; gives the hash of what the API serves of it. */
const receive = async (bytes: Buffer): Promise<string> => {
  const { sandbox, hooks } = world.outside;
  const { id } = await sandbox.contact(ana).sendMedia(phone, { kind: 'document', bytes, mimetype: 'application/zip' });
  const { payload } = await hooks.next('message', ({ payload: one }) => (one as WAMessage).id.includes(id), 0, 200_000);
  const { url, error } = (payload as WAMessage).media as WAMedia;
  expect(error).toBeNull();
  const hash = createHash('sha256');
  const answer = await fetch(url ?? '', { headers: { 'x-api-key': apiKey } });
  for await (const chunk of answer.body as AsyncIterable<Uint8Array>) hash.update(chunk);
  return hash.digest('hex');
};

const arrived = async ({ id }: WAMessage): Promise<string> => {
  const contact = world.outside.sandbox.contact(ana);
  const message = await contact.waitForMessage((one) => one.id === id.split('_')[2], 200_000);
  return sha256(contact.download(message));
};

const sendUrl = async (path: string): Promise<string> => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  const file = { url, mimetype: 'application/zip', filename: 'a.zip' };
  const { body } = await world.api.post('/api/sendFile', { session, chatId: `${ana}@c.us`, file });
  return arrived(body);
};

const sendForm = async (bytes: Buffer): Promise<string> => {
  const form = new FormData();
  form.append('session', session);
  form.append('chatId', `${ana}@c.us`);
  form.append('file', new Blob([new Uint8Array(bytes)], { type: 'application/zip' }), 'a.zip');
  const answer = await fetch(`${world.api.url}/api/sendFile`, {
    method: 'POST',
    body: form,
    headers: { 'x-api-key': apiKey },
  });
  return arrived((await answer.json()) as WAMessage);
};

const canMeasure = existsSync('/proc/self/clear_refs');
if (!canMeasure) console.warn('this system does not say how much memory a process held: that is not measured');

describe('64 MB', { timeout: 240_000 }, () => {
  it.each<[string, (bytes: Buffer) => Promise<string>]>([
    ['that a contact sends', receive],
    ['sent from a URL', (bytes) => sendUrl(bytes === large ? '/large' : '/small')],
    ['sent in a form', sendForm],
  ])('%s: every byte is there, and the process never holds them all', async (_, move) => {
    expect(await move(small)).toBe(sha256(small));
    let got = '';
    const work = async () => {
      got = await move(large);
    };
    const growth = canMeasure ? await growthOf(work) : await work().then(() => 0);
    expect(got).toBe(sha256(large));
    expect(growth).toBeLessThan(MOST_GROWTH);
  });
});

describe('a process that is killed while it fetches a file', () => {
  it('tells of the message after its next start, although WhatsApp has its receipt', async () => {
    const { sandbox, hooks } = world.outside;
    const fault = sandbox.faults.set({ kind: 'media', how: 'hang' });
    const bytes = small.subarray(0, 10_000);
    const contact = sandbox.contact(ana);
    const { id, delivered } = await contact.sendMedia(phone, { kind: 'image', bytes, mimetype: 'image/png' });
    await delivered;
    await world.kill();
    fault.clear();
    const from = hooks.all.length;
    await world.boot();
    const event = await hooks.next('message', ({ payload }) => (payload as WAMessage).id.includes(id), from);
    const { url } = (event.payload as WAMessage).media as WAMedia;
    const answer = await fetch(url ?? '', { headers: { 'x-api-key': apiKey } });
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
    const told = hooks.all.filter(({ event: one }) => one.event === 'message' && one.id === event.id);
    expect(told).toHaveLength(1);
  });
});
