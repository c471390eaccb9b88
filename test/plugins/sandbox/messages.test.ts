import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sandbox } from '../../../plugins/sandbox/sandbox.ts';
import { type Linked, link, sandboxForTests } from './support.ts';

const PHONE = '5511999990001';

describe('messages between a client and a contact', () => {
  let sandbox: Sandbox;
  let linked: Linked;

  beforeAll(async () => {
    sandbox = await sandboxForTests();
    linked = await link(sandbox, PHONE);
  });
  afterAll(async () => {
    await linked.client.close();
    await sandbox.close();
  });

  it('opens a session with the first message and goes on in it after an answer', async () => {
    const { client } = linked;
    const ana = sandbox.contact('5511888880001', { name: 'Ana' });
    const sent = await ana.send(PHONE, 'Hello');
    const received = await client.text('Hello');
    expect(received).toMatchObject({ type: 'notify', key: { remoteJid: ana.lid, id: sent.id, remoteJidAlt: ana.jid } });
    await sent.delivered;
    expect(sent.deliveries).toMatchObject([{ handedOver: 1, retries: 0, outcome: 'receipt' }]);

    const answer = await client.socket.sendMessage(ana.jid, { text: 'Hi Ana' });
    const first = await ana.waitForMessage();
    expect(first).toMatchObject({
      id: answer?.key.id,
      from: PHONE,
      text: 'Hi Ana',
      chat: ana.jid,
      encryption: 'pkmsg',
    });

    await (await ana.send(PHONE, 'How are you?')).delivered;
    await client.socket.sendMessage(ana.jid, { text: 'Fine' });
    expect(await ana.waitForMessage(({ text }) => text === 'Fine')).toMatchObject({ encryption: 'msg' });
  });

  it('copies what the client sends to the phone of the account', async () => {
    const bob = sandbox.contact('5511888880002');
    await linked.client.socket.sendMessage(bob.jid, { text: 'for Bob' });
    const copy = await sandbox.contact(PHONE).ownMessages.wait(({ text }) => text === 'for Bob');
    expect(copy).toMatchObject({ chat: bob.jid, from: PHONE });
  });

  it('confirms a message as delivered, then as read and played', async () => {
    const { client } = linked;
    const carla = sandbox.contact('5511888880003');
    const sent = await client.socket.sendMessage(carla.jid, { text: 'ping' });
    const id = sent?.key.id ?? '';
    expect(await client.status(id, 3)).toBe(3);
    carla.read(id);
    expect(await client.status(id, 4)).toBe(4);
    carla.played(id);
    expect(await client.status(id, 5)).toBe(5);
  });

  it('reads messages by itself when the contact is told to, and confirms nothing when told not to', async () => {
    const { client } = linked;
    const dora = sandbox.contact('5511888880004');
    dora.reads = true;
    const read = await client.socket.sendMessage(dora.jid, { text: 'one' });
    expect(await client.status(read?.key.id ?? '', 4)).toBe(4);
    dora.confirms = false;
    const unread = await client.socket.sendMessage(dora.jid, { text: 'two' });
    await dora.waitForMessage(({ text }) => text === 'two');
    expect(() => dora.read('unknown')).toThrow("contact '5511888880004' has no message 'unknown'");
    dora.read(unread?.key.id ?? '');
    expect(await client.status(unread?.key.id ?? '', 3)).toBe(4);
  });

  it('writes from a LID when the contact is told to', async () => {
    const eva = sandbox.contact('5511888880005');
    eva.addressing = 'lid';
    await eva.send(PHONE, 'by LID');
    const { key } = await linked.client.text('by LID');
    expect(key).toMatchObject({ remoteJid: eva.lid, remoteJidAlt: eva.jid, addressingMode: 'lid' });
    await linked.client.socket.sendMessage(eva.lid, { text: 'to LID' });
    expect(await eva.waitForMessage()).toMatchObject({ text: 'to LID', chat: eva.lid });
  });

  it('shows typing and presence both ways', async () => {
    const { client } = linked;
    const finn = sandbox.contact('5511888880006');
    const available = sandbox.next('presence', ({ state }) => state === 'available');
    await client.socket.sendPresenceUpdate('available');
    expect(await available).toMatchObject({ phone: PHONE, device: 1 });
    const typing = sandbox.next('chatstate');
    await client.socket.sendPresenceUpdate('composing', finn.jid);
    expect(await typing).toEqual({ phone: PHONE, to: finn.number, state: 'composing' });
    expect(finn.seen).toMatchObject([{ from: PHONE, state: 'composing' }]);

    finn.typing(PHONE, 'recording');
    await client.until('presence.update', ({ id, presences }) => {
      return id === finn.address && presences[id]?.lastKnownPresence === 'recording';
    });
    finn.presence(PHONE, 'unavailable');
    await client.until('presence.update', ({ id, presences }) => {
      return id === finn.address && presences[id]?.lastKnownPresence === 'unavailable';
    });
  });

  it('calls, and is missed', async () => {
    const gina = sandbox.contact('5511888880007');
    const id = gina.call(PHONE, { video: true });
    const call = await linked.client.until('call', ([one]) => one?.id === id && one.status === 'offer' && one);
    expect(call).toMatchObject({ from: gina.address, isVideo: true });
    gina.hangUp(id);
    await linked.client.until('call', ([one]) => one?.id === id && one.status === 'timeout');
  });

  it('tells the client that the account is restricted', async () => {
    const until = Date.now() + 3_600_000;
    linked.phone.standing.lock({ active: true, until, type: 'WEB_COMPANION_ONLY' });
    const lock = await linked.client.until('connection.update', ({ reachoutTimeLock }) => reachoutTimeLock);
    expect(lock).toMatchObject({ isActive: true, timeEnforcementEnds: new Date(Math.floor(until / 1000) * 1000) });
    linked.phone.standing.lock({ active: false });
  });

  it('knows who is on WhatsApp', async () => {
    sandbox.absent('5511777770000');
    const found = await linked.client.socket.onWhatsApp('5511888880001', '5511777770000');
    expect(found).toEqual([{ jid: '5511888880001@s.whatsapp.net', exists: true }]);
  });

  it('takes changes of app state and tells the other devices of the account', async () => {
    const second = await link(sandbox, PHONE);
    const changed = sandbox.next('app-state', ({ collection }) => collection === 'critical_block');
    await linked.client.until('creds.update', ({ accountSyncCounter }) => accountSyncCounter);
    await linked.client.socket.updateProfileName('New Name');
    expect(await changed).toMatchObject({ phone: PHONE });
    await second.client.until('creds.update', ({ me }) => me?.name === 'New Name');
    await second.client.close();
  });
});

describe('messages between two accounts', () => {
  it('carries them from one linked device to the other, with receipts back', async () => {
    // A receipt that comes before Baileys has written down the message is folded into it.
    const sandbox = await sandboxForTests({ receiptDelayMs: 1000 });
    const one = await link(sandbox, '5511999990011');
    const two = await link(sandbox, '5511999990012');
    const sent = await one.client.socket.sendMessage(two.phone.jid, { text: 'over there?' });
    const { key } = await two.client.text('over there?');
    expect(key).toMatchObject({ remoteJid: one.phone.jid, id: sent?.key.id });
    expect(await one.client.status(sent?.key.id ?? '', 3)).toBe(3);
    await two.client.socket.readMessages([key]);
    expect(await one.client.status(sent?.key.id ?? '', 4)).toBe(4);
    await two.client.socket.sendMessage(one.phone.jid, { text: 'yes' });
    await one.client.text('yes');
    await Promise.all([one.client.close(), two.client.close()]);
    await sandbox.close();
  });
});
