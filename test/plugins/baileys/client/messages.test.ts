import { proto } from '@whiskeysockets/baileys';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from 'waha-runtime';
import { type Sandbox, startSandbox } from '../../../../plugins/sandbox/sandbox.ts';
import { lidJid } from '../../../../plugins/sandbox/wire/jids.ts';
import { TestSession } from '../session.ts';

const PHONE = '4915200000010';
const ME = `${PHONE}@c.us`;

let sandbox: Sandbox;
let session: TestSession;
let client: Client;

beforeAll(async () => {
  sandbox = await startSandbox();
  session = new TestSession(sandbox);
  sandbox.phone(PHONE, { name: 'Shop' });
  ({ client } = await session.link(sandbox, PHONE));
});
afterEach(() => sandbox.faults.clear());
afterAll(async () => {
  await session.close();
  await sandbox.close();
});

describe('messages that come in', () => {
  it('publishes a text as message and message.any, with the same payload', async () => {
    const { id } = await sandbox.contact('4915200000011', { name: 'Bob' }).send(PHONE, 'hello');
    const { payload, options } = await session.event('message', ({ body }) => body === 'hello');
    const { _data, timestamp, ...rest } = payload;
    expect(rest).toEqual({
      id: `false_${lidJid('4915200000011')}_${id}`,
      from: lidJid('4915200000011'),
      fromAlt: '4915200000011@c.us',
      fromIdentity: {
        id: lidJid('4915200000011'),
        lid: lidJid('4915200000011'),
        pn: '4915200000011@c.us',
        username: null,
      },
      fromMe: false,
      to: ME,
      toIdentity: { id: ME, lid: sandbox.contact(PHONE).lid, pn: ME, username: null },
      source: 'app',
      body: 'hello',
      mediaUrl: null,
      hasMedia: false,
      media: null,
      ack: 0,
      ackName: 'PENDING',
      location: null,
      vCards: null,
      replyTo: null,
    });
    expect(Math.abs(timestamp - Date.now() / 1000)).toBeLessThan(60);
    expect(_data).toMatchObject({ pushName: 'Bob', key: { remoteJid: lidJid('4915200000011'), id } });
    expect(options).toEqual({ identity: `${lidJid('4915200000011')}:${id}:`, timestamp: timestamp * 1000 });
    expect((await session.event('message.any', ({ body }) => body === 'hello')).payload).toEqual(payload);
  });

  it('keeps the hidden id of somebody who writes under it', async () => {
    const contact = sandbox.contact('4915200000012');
    contact.addressing = 'lid';
    const { id } = await contact.send(PHONE, 'guess who');
    const { payload } = await session.event('message', ({ body }) => body === 'guess who');
    expect(payload).toMatchObject({ id: `false_${contact.lid}_${id}`, from: contact.lid });
    expect(payload._data.key.remoteJidAlt).toBe(contact.jid);
  });

  it('keeps the order of a burst and publishes each once', async () => {
    const contact = sandbox.contact('4915200000013');
    for (let i = 0; i < 20; i++) await contact.send(PHONE, `burst ${i}`);
    await session.event('message', ({ body }) => body === 'burst 19');
    const bodies = session
      .named('message')
      .flatMap(({ payload }) => (/^burst/.test(payload.body) ? [payload.body] : []));
    expect(bodies).toEqual(Array.from({ length: 20 }, (_, i) => `burst ${i}`));
  });

  it('publishes what waited on the server while it was away, once, and in order', async () => {
    await session.close();
    const contact = sandbox.contact('4915200000014');
    await contact.send(PHONE, 'waiting 1');
    await contact.send(PHONE, 'waiting 2');
    ({ client } = await session.login());
    await session.event('message', ({ body }) => body === 'waiting 2');
    const bodies = session
      .named('message')
      .flatMap(({ payload }) => (/^waiting/.test(payload.body) ? [payload.body] : []));
    expect(bodies).toEqual(['waiting 1', 'waiting 2']);
  });

  it('asks again for what it cannot decrypt, and publishes it then', async () => {
    const contact = sandbox.contact('4915200000015');
    await client.messages.sendText({ chatId: contact.jid, text: 'ping' });
    await contact.waitForMessage();
    await session.close();
    for (const key of session.auth.store.keys()) {
      if (key.startsWith('session.') && key.includes(contact.lid.split('@')[0] ?? '')) session.auth.store.delete(key);
    }
    ({ client } = await session.login());
    const retry = sandbox.next('retry');
    const { id } = await contact.send(PHONE, 'riddle');
    await retry;
    const { payload } = await session.event('message', ({ body }) => body === 'riddle');
    expect(payload.id).toBe(`false_${contact.lid}_${id}`);
  });

  it('says that a message waits when it cannot be decrypted at first', async () => {
    sandbox.faults.set({ kind: 'garble', phone: PHONE, times: 1 });
    const { id } = await sandbox.contact('4915200000017').send(PHONE, 'second try');
    const { payload } = await session.event('message', ({ body }) => body === 'second try');
    expect(session.named('message.waiting').map(({ payload: waiting }) => waiting.id)).toContain(payload.id);
    expect(payload.id).toContain(id);
  });

  it('maps a caption, a reply, a reaction, an edit and a revocation', async () => {
    const contact = sandbox.contact('4915200000016');
    const key = { remoteJid: contact.jid, fromMe: false, id: 'ORIGINAL' };
    await contact.send(PHONE, { imageMessage: { caption: 'look', mimetype: 'image/png', directPath: '/x' } });
    expect((await session.event('message', ({ body }) => body === 'look')).payload).toMatchObject({
      hasMedia: true,
      media: { mimetype: 'image/png', url: null },
    });
    const contextInfo = { stanzaId: 'ORIGINAL', participant: contact.jid, quotedMessage: { conversation: 'what?' } };
    await contact.send(PHONE, { extendedTextMessage: { text: 'that', contextInfo } });
    expect((await session.event('message', ({ body }) => body === 'that')).payload.replyTo).toMatchObject({
      id: 'ORIGINAL',
      participant: '4915200000016@c.us',
      body: 'what?',
    });
    await contact.send(PHONE, { reactionMessage: { key, text: '👍' } });
    expect((await session.event('message.reaction')).payload.reaction.text).toBe('👍');
    const { MESSAGE_EDIT, REVOKE } = proto.Message.ProtocolMessage.Type;
    await contact.send(PHONE, { protocolMessage: { type: MESSAGE_EDIT, key, editedMessage: { conversation: 'new' } } });
    expect((await session.event('message.edited')).payload).toMatchObject({ body: 'new', editedMessageId: 'ORIGINAL' });
    await contact.send(PHONE, { protocolMessage: { type: REVOKE, key } });
    expect((await session.event('message.revoked')).payload).toMatchObject({ revokedMessageId: 'ORIGINAL' });
  });
});

describe('messages that go out', () => {
  it('resolves a text when the server has taken it, and publishes it once as message.any', async () => {
    const contact = sandbox.contact('4915200000021');
    const sent = await client.messages.sendText({ chatId: '4915200000021', text: 'hi' });
    expect(sent).toMatchObject({
      from: '4915200000021@c.us',
      fromMe: true,
      to: '4915200000021@c.us',
      source: 'api',
      body: 'hi',
      ack: 1,
      ackName: 'SERVER',
    });
    expect(sent.id).toMatch(/^true_4915200000021@c\.us_3EB0[0-9A-F]+$/);
    expect(await contact.waitForMessage(({ text }) => text === 'hi')).toMatchObject({ from: PHONE });
    await session.event('message.ack', ({ id, ack }) => id === sent.id && ack === 2);
    expect(session.named('message.any').filter(({ payload }) => payload.id === sent.id)).toHaveLength(1);
    expect(session.named('message').filter(({ payload }) => payload.id === sent.id)).toHaveLength(0);
  });

  it('publishes each step of a message: server, device, read', async () => {
    const contact = sandbox.contact('4915200000022');
    contact.reads = true;
    const sent = await client.messages.sendText({ chatId: '4915200000022@c.us', text: 'read me' });
    const { payload } = await session.event('message.ack', ({ id, ack }) => id === sent.id && ack === 3);
    expect(payload).toEqual({
      id: sent.id,
      from: '4915200000022@c.us',
      fromAlt: lidJid('4915200000022'),
      fromIdentity: {
        id: '4915200000022@c.us',
        lid: lidJid('4915200000022'),
        pn: '4915200000022@c.us',
        username: null,
      },
      to: '4915200000022@c.us',
      toIdentity: payload.fromIdentity,
      fromMe: true,
      ack: 3,
      ackName: 'READ',
    });
    const steps = session.named('message.ack').filter(({ payload: { id } }) => id === sent.id);
    expect(steps.map(({ payload: { ackName } }) => ackName)).toEqual(['SERVER', 'DEVICE', 'READ']);
    const own = session.events.entries.findIndex(
      ({ event, payload: { id } }) => event === 'message.any' && id === sent.id,
    );
    expect(own).toBeLessThan(session.events.entries.indexOf(steps[0] as never));
  });

  it('rejects with the code when WhatsApp refuses a message', async () => {
    sandbox.faults.set({ kind: 'refuse-message', code: 479, times: 1 });
    await expect(client.messages.sendText({ chatId: '4915200000023', text: 'no' })).rejects.toMatchObject({
      code: 'WHATSAPP_REFUSED',
      details: { body: { code: 479 } },
    });
    expect((await session.event('message.ack', ({ ack }) => ack === -1)).payload.ackName).toBe('ERROR');
  });

  it('quotes the message it answers', async () => {
    const contact = sandbox.contact('4915200000024');
    const { id } = await contact.send(PHONE, 'question');
    await session.event('message', ({ body }) => body === 'question');
    await client.messages.sendText({
      chatId: contact.jid,
      text: 'answer',
      replyTo: `false_4915200000024@c.us_${id}`,
    });
    const { message } = await contact.waitForMessage(({ text }) => text === 'answer');
    expect(message.extendedTextMessage?.contextInfo).toMatchObject({
      stanzaId: id,
      quotedMessage: { conversation: 'question' },
    });
  });

  it('sends a message again to somebody who could not decrypt it', async () => {
    const contact = sandbox.contact('4915200000025');
    await client.messages.sendText({ chatId: '4915200000025', text: 'one' });
    await contact.waitForMessage(({ text }) => text === 'one');
    contact.forgetSession(PHONE);
    await client.messages.sendText({ chatId: '4915200000025', text: 'two' });
    expect(await contact.waitForMessage(({ text }) => text === 'two')).toMatchObject({ from: PHONE });
  });

  it('refuses a chat id that is none, naming the field', async () => {
    await expect(client.messages.sendText({ chatId: 'no body', text: 'x' })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      message: expect.stringContaining('chatId'),
    });
  });

  it('rejects a message that is under way when the connection closes', async () => {
    sandbox.faults.set({ kind: 'no-message-ack' });
    const outbound = sandbox.next('outbound');
    const sending = client.messages.sendText({ chatId: '4915200000026', text: 'lost' });
    const lost = expect(sending).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    await outbound;
    sandbox.disconnect('reset', { phone: PHONE });
    expect(await session.closed()).toBe('network');
    await lost;
    await expect(client.messages.sendText({ chatId: '4915200000026', text: 'x' })).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
    });
    sandbox.faults.clear();
    ({ client } = await session.login());
  });
});

describe('seen, typing and presence', () => {
  it('marks the newest messages of a chat as read, and each only once', async () => {
    const contact = sandbox.contact('4915200000031');
    const { id } = await contact.send(PHONE, 'unread');
    await session.event('message', ({ body }) => body === 'unread');
    const receipt = sandbox.next('receipt', ({ type }) => type.startsWith('read'));
    await client.messages.sendSeen({ chatId: '4915200000031@c.us' });
    expect(await receipt).toMatchObject({ ids: [id] });
  });

  it('shows typing, and publishes the typing of others', async () => {
    const typing = sandbox.next('chatstate');
    await client.presence?.setChatState('4915200000032', 'typing');
    expect(await typing).toMatchObject({ state: 'composing' });
    sandbox.contact('4915200000032').typing(PHONE, 'recording');
    const participant = lidJid('4915200000032');
    expect((await session.event('presence.update')).payload).toMatchObject({
      id: participant,
      presences: [
        {
          participant,
          participantIdentity: { id: participant, lid: participant },
          lastKnownPresence: 'recording',
          lastSeen: null,
        },
      ],
    });
  });

  it('proves that the connection is alive by a ping', async () => {
    await expect(session.connection?.probe?.()).resolves.toBeUndefined();
  });
});
