import type { BinaryNode } from '@whiskeysockets/baileys';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Sandbox } from '../../../../plugins/sandbox/sandbox.ts';
import { Client, type Linked, link, sandboxForTests } from '../support.ts';

const PHONE = '5511999990061';
const childIn = (stanza: BinaryNode | undefined): BinaryNode | undefined =>
  Array.isArray(stanza?.content) ? stanza.content[0] : undefined;

let sandbox: Sandbox;
let linked: Linked;

beforeAll(async () => {
  sandbox = await sandboxForTests();
  linked = await link(sandbox, PHONE);
  await linked.client.until('creds.update', ({ accountSyncCounter }) => accountSyncCounter);
  await linked.client.close();
});
afterAll(() => sandbox.close());

it('tells what waits, hands it out in batches on request, and sends what is new after the last of them', async () => {
  const ana = sandbox.contact('5511888880061');
  for (const prepared of await ana.prepare(PHONE, 130)) prepared.fire();
  const client = new Client(sandbox, linked.auth);
  const previews: BinaryNode[] = [];
  const ends: BinaryNode[] = [];
  const offline: string[] = [];
  client.socket.ws.on('CB:ib,,offline_preview', (stanza: BinaryNode) => previews.push(stanza));
  client.socket.ws.on('CB:ib,,offline', (stanza: BinaryNode) => ends.push(stanza));
  // Baileys keeps what it tells to itself until all of it is there, for half a minute at most: here stanzas are counted.
  const hundred = new Promise<void>((resolve) => {
    client.socket.ws.on('CB:message', ({ attrs }: BinaryNode) => {
      offline.push(attrs['offline'] ?? 'live');
      if (offline.length === 100) resolve();
    });
  });
  await client.opened();
  await hundred;
  expect(childIn(previews[0])?.attrs).toEqual({
    count: '130',
    message: '130',
    notification: '0',
    receipt: '0',
    call: '0',
    appdata: '0',
  });
  await ana.send(PHONE, 'new');
  // Baileys asks for the first hundred only. An answered query shows that nothing more has come of itself.
  await client.socket.fetchBlocklist();
  expect([offline.length, ends.length]).toEqual([100, 0]);
  const asked = { tag: 'ib', attrs: {}, content: [{ tag: 'offline_batch', attrs: { count: '200' } }] };
  await client.socket.sendNode(asked);
  await client.text('new');
  expect(offline).toEqual(Array.from({ length: 131 }, (_, at) => String(at)));
  expect(childIn(ends[0])?.attrs).toEqual({ count: '131' });
  await ana.send(PHONE, 'newer');
  await client.text('newer');
  expect(offline.at(-1)).toBe('live');
  await client.close();
});
