import { createHash, randomBytes } from 'node:crypto';
import { type BinaryNode, proto } from '@whiskeysockets/baileys';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deviceHash } from '../../../plugins/sandbox/notifications/device-list.ts';
import { runSandboxServer, type SandboxServer } from '../../../plugins/sandbox/standalone.ts';
import { isSignedBy } from '../../../plugins/sandbox/wire/keys.ts';
import { hush, type Linked, link, verifyForReal } from './support.ts';

const PHONE = '5511999990071';
const ANA = '5511888880071';
const SERVER = '@s.whatsapp.net';

const childIn = (stanza: BinaryNode | undefined, tag?: string): BinaryNode | undefined =>
  Array.isArray(stanza?.content) ? stanza.content.find((child) => tag === undefined || child.tag === tag) : undefined;

let server: SandboxServer;
let linked: Linked;

beforeAll(async () => {
  hush();
  server = await runSandboxServer({ controlPort: 0, print: () => undefined });
  verifyForReal(server.sandbox.endpoint.rootKey);
  linked = await link(server.sandbox, PHONE);
});
afterAll(async () => {
  await linked.client.close();
  await server.close();
});

const call = async (path: string, body: object): Promise<number> => {
  const response = await fetch(`${server.controlUrl}/api/sandbox${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return response.status;
};
const heard = (event: string): Promise<BinaryNode> =>
  new Promise((resolve) => linked.client.socket.ws.once(event, resolve));
const text = (received: { readonly text?: string }, wanted: string) => received.text === wanted;

describe('what WhatsApp tells in daily life', () => {
  it.each([
    [{ kind: 'devices', of: ANA, change: 'add', device: 2 }, 'CB:notification,type:devices', 'add'],
    [{ kind: 'devices', of: ANA, change: 'remove', device: 2 }, 'CB:notification,type:devices', 'remove'],
    [{ kind: 'devices', of: ANA, change: 'update' }, 'CB:notification,type:devices', 'update'],
    [{ kind: 'account_sync' }, 'CB:notification,type:account_sync', 'devices'],
    [{ kind: 'abprops' }, 'CB:notification,type:server', 'abprops'],
    [{ kind: 'dirty', type: 'groups' }, 'CB:ib,,dirty', 'dirty'],
    [{ kind: 'client_expiration', at: 1_800_000_000 }, 'CB:ib,,client_expiration', 'client_expiration'],
    [{ kind: 'thread_metadata' }, 'CB:ib,,thread_metadata', 'thread_metadata'],
  ])('has $kind', async (notice, event, tag) => {
    const told = heard(event);
    expect(await call(`/phones/${PHONE}/notifications`, notice)).toBe(201);
    expect(childIn(await told)?.tag).toBe(tag);
  });

  it('gives routing information, which Baileys keeps for the next connection', async () => {
    await call(`/phones/${PHONE}/notifications`, { kind: 'edge_routing' });
    await linked.client.until('creds.update', ({ routingInfo }) => routingInfo);
  });

  it('tells that somebody has registered anew, and both can go on talking', async () => {
    const ana = server.sandbox.contact(ANA);
    await ana.send(PHONE, 'before');
    await linked.client.text('before');
    await linked.client.socket.sendMessage(ana.jid, { text: 'answer' });
    await ana.waitForMessage((received) => text(received, 'answer'));
    const told = heard('CB:notification,type:encrypt');
    await call(`/phones/${PHONE}/notifications`, { kind: 'identity', of: ANA });
    expect((await told).attrs).toMatchObject({ from: ana.lid, sender_pn: ana.jid });
    await ana.send(PHONE, 'after');
    await linked.client.text('after');
    await linked.client.socket.sendMessage(ana.jid, { text: 'with the new keys' });
    await ana.waitForMessage((received) => text(received, 'with the new keys'));
  });

  it('sends a stanza of the caller as it is', async () => {
    const told = heard('CB:ib,,downgrade');
    const content = [{ tag: 'downgrade', attrs: { why: 'test' }, content: { base64: 'AQI=' } }];
    expect(await call(`/phones/${PHONE}/stanzas`, { tag: 'ib', attrs: { from: SERVER }, content })).toBe(201);
    expect(childIn(await told)).toMatchObject({ attrs: { why: 'test' }, content: Buffer.from([1, 2]) });
  });

  const none: readonly object[] = [
    ...[{ content: { number: 1 } }, { content: 1 }, { content: [null] }, { content: [{ tag: 'a', content: false }] }],
    ...[{ attrs: { a: 1 } }, { content: [{ tag: 'a', attrs: 'texts' }] }, { content: [{ tag: 'a', attrs: ['b'] }] }],
  ];
  it.each(none)('refuses %j, which no stanza has', async (parts) => {
    expect(await call(`/phones/${PHONE}/stanzas`, { tag: 'ib', ...parts })).toBe(400);
  });

  it('takes null for what a stanza does not have', async () => {
    const content = [{ tag: 'a', attrs: null, content: null }];
    expect(await call(`/phones/${PHONE}/stanzas`, { tag: 'ib', content })).toBe(201);
    expect(await call(`/phones/${PHONE}/stanzas`, { tag: 'ib', content: null })).toBe(201);
  });
});

describe('the devices of an account', () => {
  it('are signed by its phone', async () => {
    const asked = { tag: 'user', attrs: { jid: `${PHONE}${SERVER}` } };
    const query = { tag: 'query', attrs: {}, content: [{ tag: 'devices', attrs: { version: '2' } }] };
    const content = [query, { tag: 'list', attrs: {}, content: [asked] }];
    const answer = await linked.client.socket.query({
      tag: 'iq',
      attrs: { to: SERVER, type: 'get', xmlns: 'usync' },
      content: [{ tag: 'usync', attrs: { context: 'message', mode: 'query', sid: '1' }, content }],
    });
    const user = childIn(childIn(childIn(answer, 'usync'), 'list'), 'user');
    const list = childIn(childIn(user, 'devices'), 'key-index-list')?.content as Uint8Array;
    const { details, accountSignature } = proto.ADVSignedKeyIndexList.decode(list);
    const known = linked.auth.creds.account;
    const signed = Buffer.concat([Buffer.from([6, 2]), details ?? new Uint8Array()]);
    expect(isSignedBy(known?.accountSignatureKey ?? new Uint8Array(32), signed, accountSignature ?? signed)).toBe(true);
    const { validIndexes, currentIndex } = proto.ADVKeyIndexList.decode(details ?? new Uint8Array());
    expect([validIndexes, currentIndex]).toEqual([[0, 1], 1]);
  });

  it('have a hash of six bytes, whatever their order', () => {
    const [one, two] = ['5511.0:0@s.whatsapp.net', '5511.0:1@s.whatsapp.net'];
    const sum = createHash('sha256').update(`${one}${two}`).digest().subarray(0, 6);
    expect(deviceHash([two ?? '', one ?? ''])).toBe(`2:${sum.toString('base64')}`);
  });
});

describe('what the server says to a message', () => {
  const acked = async (jid: string): Promise<BinaryNode> => {
    const messageId = `3EB0${randomBytes(9).toString('hex').toUpperCase()}`;
    const ack = heard(`CB:ack,id:${messageId}`);
    await linked.client.socket.sendMessage(jid, { text: 'hi' }, { messageId });
    return ack;
  };

  it('is the hash of the devices that should have got it', async () => {
    const ana = server.sandbox.contact(ANA);
    // Baileys claims nothing; a client that does is told what the server has for true.
    const claim = { to: ana.jid, id: '3EB0CLAIM', type: 'text', phash: '2:claimed' };
    const claimed = heard('CB:ack,id:3EB0CLAIM');
    await linked.client.socket.sendNode({ tag: 'message', attrs: claim, content: [] });
    const devices = [`${ANA}.0:0`, `${PHONE}.0:0`].map((address) => `${address}@s.whatsapp.net`);
    const usual = deviceHash(devices);
    expect((await claimed).attrs['phash']).toBe(usual);
    expect((await acked(ana.jid)).attrs).not.toHaveProperty('phash');
    await call('/faults', { kind: 'missed-device', phone: PHONE, times: 1 });
    const missed = (await acked(ana.jid)).attrs['phash'];
    expect(missed).toMatch(/^2:[A-Za-z0-9+/]{8}$/);
    expect(missed).not.toBe(usual);
    await call('/faults', { kind: 'refresh-lid', phone: PHONE, times: 1 });
    expect((await acked(ana.jid)).attrs).toMatchObject({ refresh_lid: 'true' });
  });

  it('is 463 to a stranger without a token, until the contact has given one', async () => {
    const wary = server.sandbox.contact('5511888880072');
    await call('/contacts', { number: wary.number, wantsToken: true });
    expect((await acked(wary.jid)).attrs).toMatchObject({ error: '463' });
    const given = heard('CB:notification,type:privacy_token');
    await wary.send(PHONE, 'you may write to me');
    expect((await given).attrs).toMatchObject({ from: wary.lid });
    await linked.client.text('you may write to me');
    await linked.client.socket.sendMessage(wary.jid, { text: 'thank you' });
    await wary.waitForMessage((received) => text(received, 'thank you'));
  });

  it('is 421 when a group goes by other names', async () => {
    const group = server.sandbox.group({ subject: 'Club', owner: ANA, participants: [PHONE], addressing: 'lid' });
    const ack = heard('CB:ack,id:3EB0STALE');
    const attrs = { to: group.jid, id: '3EB0STALE', type: 'text', addressing_mode: 'pn' };
    await linked.client.socket.sendNode({ tag: 'message', attrs, content: [] });
    expect((await ack).attrs).toMatchObject({ error: '421', id: '3EB0STALE' });
  });
});
