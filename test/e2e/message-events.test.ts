import { randomBytes } from 'node:crypto';
import { aesEncryptGCM, hmacSign, proto } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import type { RuntimeEvent } from '../../core/index.ts';
import { lidJid } from '../../plugins/sandbox/wire/jids.ts';
import { conversation } from '../support/conversation.ts';
import { startReceiver } from '../support/receiver.ts';

const talk = conversation();
const { phone, ana, chatId, session } = talk;
const me = `${phone}@c.us`;
const { Type } = proto.Message.ProtocolMessage;

type Payload = Record<string, unknown>;
const payloadOf = (event: RuntimeEvent) => event.payload as Payload;
const since = (from: number) => talk.world.hooks.all.slice(from).map(({ event }) => event);
const send = (content: string | proto.IMessage, id?: string) =>
  talk.contact.send(phone, content, id === undefined ? {} : { id });
/** A key as the sender of the message writes it. */
const own = (id: string) => ({ remoteJid: `${phone}@s.whatsapp.net`, fromMe: true, id });
const edit = (id: string, text: string): proto.IMessage => ({
  protocolMessage: { type: Type.MESSAGE_EDIT, key: own(id), editedMessage: { conversation: text } },
});
const revoke = (id: string): proto.IMessage => ({ protocolMessage: { type: Type.REVOKE, key: own(id) } });
const react = (id: string, text: string): proto.IMessage => ({ reactionMessage: { key: own(id), text } });

describe('what others write', () => {
  it('is a message and message.any, with both ids of who wrote it', async () => {
    const from = await talk.world.mark();
    const { id } = await send('hello');
    const names = talk.world.namesOf(ana);
    const full = `false_${names.from}_${id}`;
    const message = await talk.next('message', (payload) => payload['id'] === full);
    await talk.next('message.any', (payload) => payload['id'] === full);
    expect(message).toMatchObject({
      ...names,
      to: me,
      fromMe: false,
      body: 'hello',
      hasMedia: false,
    });
    expect(message).toMatchObject({
      timestamp: expect.any(Number),
      source: 'app',
      ack: expect.any(Number),
      _data: { key: { id } },
    });
    expect(
      since(from)
        .map(({ event }) => event)
        .sort(),
    ).toEqual(['message', 'message.any']);
  });

  it('comes from a hidden id with the number beside it, or from a number with the hidden id beside it', async () => {
    for (const addressing of ['pn', 'lid'] as const) {
      talk.contact.change({ addressing });
      await send(`by ${addressing}`);
      const message = await talk.next('message', ({ body }) => body === `by ${addressing}`);
      const [from, fromAlt] = addressing === 'lid' ? [lidJid(ana), chatId] : [chatId, lidJid(ana)];
      expect(message).toMatchObject({ from, fromAlt });
    }
  });

  it('is reacted to, edited and revoked, each told of once and by nothing else', async () => {
    const { id } = await talk.hear('frist');
    const from = await talk.world.mark();
    const reaction = await send(react(id, '👍'));
    const edited = await send(edit(id, 'first'));
    const revoked = await send(revoke(id));
    const last = await talk.next('message.revoked', ({ revokedMessageId }) => revokedMessageId === id);
    const told = since(from).filter(({ event }) => event !== 'message.any');
    expect(told.map(({ event }) => event)).toEqual(['message.reaction', 'message.edited', 'message.revoked']);
    const [first, second] = told.map(payloadOf);
    expect(first).toMatchObject({
      id: `false_${talk.heardId}_${reaction.id}`,
      from: talk.heardId,
      fromMe: false,
      reaction: { text: '👍', messageId: `false_${talk.heardId}_${id}` },
    });
    expect(second).toMatchObject({ id: `false_${talk.heardId}_${edited.id}`, editedMessageId: id, body: 'first' });
    expect(last).toMatchObject({
      before: { id: `false_${talk.heardId}_${id}`, body: 'frist', from: talk.heardId },
      after: { id: `false_${talk.heardId}_${revoked.id}`, from: talk.heardId },
    });
  });

  it('is revoked without a before when it is not remembered', async () => {
    await send(revoke('3A00000000000000AAAA'));
    const told = await talk.next(
      'message.revoked',
      ({ revokedMessageId }) => revokedMessageId === '3A00000000000000AAAA',
    );
    expect(told).toMatchObject({ before: null, after: { from: talk.heardId } });
  });

  it('keeps its order from WhatsApp to the webhook, edits and reactions among it', async () => {
    const receiver = await startReceiver();
    const webhooks = [{ url: receiver.url, events: ['message', 'message.edited', 'message.reaction'], order: 'chat' }];
    await talk.world.api.put(`/api/sessions/${session}`, { config: { webhooks } });
    const expected: string[] = [];
    const contents: (string | proto.IMessage)[] = [];
    const ids: string[] = [];
    for (let n = 0; n < 12; n++) {
      const id = `3A${'B'.repeat(16)}${String(n).padStart(2, '0')}`;
      ids.push(id, `${id}E`, `${id}R`);
      contents.push(`burst ${n}`, edit(id, `edited ${n}`), react(id, '🔥'));
      expected.push(`message burst ${n}`, `message.edited edited ${n}`, `message.reaction ${id}`);
    }
    for (const [n, content] of contents.entries()) await send(content, ids[n]);
    const seen = (await receiver.next(expected.length)).map(({ json }) => json as unknown as RuntimeEvent);
    const shown = seen.map((event) => {
      const { body, reaction } = payloadOf(event);
      const about = (reaction as { messageId: string } | undefined)?.messageId.split('_')[2];
      return `${event.event} ${about ?? body}`;
    });
    expect(shown).toEqual(expected);
    expect(seen.map(({ seq }) => seq)).toEqual([...seen.map(({ seq }) => seq ?? 0)].sort((a, b) => a - b));
    await talk.world.api.put(`/api/sessions/${session}`, { config: {} });
    await receiver.close();
  });

  it('is told of once when WhatsApp delivers it again', async () => {
    const from = await talk.world.mark();
    const { id } = await talk.hear('only once');
    const again = await send('only once', id);
    await again.delivered;
    await talk.hear('something after it');
    expect(talk.about('message', `false_${talk.heardId}_${id}`)).toHaveLength(1);
    expect(since(from).filter(({ event }) => event === 'message')).toHaveLength(2);
  });

  it('waits when it cannot be decrypted, and comes when it can', async () => {
    talk.world.sandbox.faults.set({ kind: 'garble', phone, times: 1 });
    const { id, delivered } = await send('riddle');
    const full = `false_${talk.heardId}_${id}`;
    expect(await talk.next('message.waiting', (payload) => payload['id'] === full)).toMatchObject({
      from: talk.heardId,
      body: null,
    });
    expect(await talk.next('message', (payload) => payload['id'] === full)).toMatchObject({ body: 'riddle' });
    await delivered;
    expect(talk.about('message.waiting', full)).toHaveLength(1);
    expect(talk.about('message', full)).toHaveLength(1);
  });
});

describe('invitations', () => {
  const secret = Buffer.alloc(32, 7);
  const sealed = (eventId: string, response: number): proto.IMessage => {
    const [creator, author] = [talk.contact.jid, talk.contact.jid];
    const names = Buffer.from([eventId, creator, author, 'Event Response\x01'].join(''));
    const key = hmacSign(names, hmacSign(secret, new Uint8Array(32), 'sha256'), 'sha256');
    const encIv = randomBytes(12);
    const plain = proto.Message.EventResponseMessage.encode({
      response,
      timestampMs: 1_700_000_000_000,
      extraGuestCount: 2,
    });
    const encPayload = aesEncryptGCM(plain.finish(), key, encIv, Buffer.from(`${eventId}\0${author}`));
    return { encEventResponseMessage: { eventCreationMessageKey: own(eventId), encPayload, encIv } };
  };

  it('tell who comes, or that an answer cannot be read', async () => {
    const invitation = { messageContextInfo: { messageSecret: secret }, eventMessage: { name: 'Party' } };
    const { id } = await send(invitation);
    const full = `false_${talk.heardId}_${id}`;
    await talk.next('message', (payload) => payload['id'] === full);
    const answer = await send(sealed(id, 1));
    const told = await talk.next('event.response', (payload) => payload['id'] === `false_${talk.heardId}_${answer.id}`);
    expect(told).toMatchObject({
      from: talk.heardId,
      fromMe: false,
      eventCreationKey: { id: full, from: talk.heardId, to: me, fromMe: false },
      eventResponse: { response: 'GOING', timestampMs: 1_700_000_000_000, extraGuestCount: 2 },
    });
    await send(sealed('3AUNKNOWN', 1));
    const failed = await talk.next('event.response.failed', () => true);
    expect(failed).toMatchObject({ from: talk.heardId, eventCreationKey: { id: `false_${talk.heardId}_3AUNKNOWN` } });
    expect(failed['eventResponse']).toBeUndefined();
  });
});

describe('what becomes of our own', () => {
  it('is taken, delivered and read, with both ids of the reader', async () => {
    const { sent, bare } = await talk.delivered('/api/sendText', { text: 'read me' });
    await talk.next('message.ack', ({ id, ack }) => id === sent.id && ack === 2);
    talk.contact.read(bare);
    await talk.next('message.ack', ({ id, ack }) => id === sent.id && ack === 3);
    const steps = talk.about('message.ack', sent.id);
    expect(steps.map(({ ackName }) => ackName)).toEqual(['SERVER', 'DEVICE', 'READ']);
    expect(steps[2]).toMatchObject({
      from: chatId,
      fromAlt: lidJid(ana),
      to: chatId,
      fromMe: true,
    });
  });

  it('is read by each member of a group', async () => {
    const { sandbox, api } = talk.world;
    const ben = sandbox.contact('4915200002005');
    await ben.send(phone, 'now you know me');
    await talk.next('message', ({ body }) => body === 'now you know me');
    const group = sandbox.group({ subject: 'Friends', owner: ana, participants: [phone, ben.number] });
    const { body } = await api.post('/api/sendText', { session, chatId: group.jid, text: 'hi all' });
    const bare = body.id.split('_')[2];
    for (const contact of [talk.contact, ben]) {
      await contact.waitForMessage(({ id }) => id === bare);
      const participant = lidJid(contact.number);
      for (const step of [2, 3]) {
        if (step === 3) contact.read(bare);
        const told = await talk.next(
          'message.ack.group',
          ({ id, ack, participant: by }) => id === body.id && ack === step && by === participant,
        );
        expect(told).toMatchObject({ from: group.jid, participantAlt: `${contact.number}@c.us` });
      }
    }
  });

  it('is revoked with what it said before', async () => {
    const { sent, bare } = await talk.delivered('/api/sendText', { text: 'a slip' });
    await talk.world.api.delete(`/api/${session}/chats/${chatId}/messages/${sent.id}`);
    const told = await talk.next('message.revoked', ({ revokedMessageId }) => revokedMessageId === bare);
    expect(told).toMatchObject({
      before: { id: sent.id, body: 'a slip', source: 'api' },
      after: { fromMe: true, source: 'api' },
    });
  });

  it('is seen by presence: online, typing, gone', async () => {
    const { from: id, fromAlt } = talk.world.namesOf(ana);
    await talk.world.api.post(`/api/${session}/presence/${chatId}/subscribe`);
    const last = async (state: string) =>
      talk.next(
        'presence.update',
        ({ id: about, presences }) => about === id && JSON.stringify(presences).includes(`"${state}"`),
      );
    talk.contact.presence(phone, 'available');
    await last('online');
    talk.contact.typing(phone, 'composing');
    expect(await last('typing')).toEqual({
      id,
      presences: [
        {
          participant: id,
          participantAlt: fromAlt,
          participantIdentity: { id, lid: lidJid(ana), pn: chatId, username: null },
          lastKnownPresence: 'typing',
          lastSeen: null,
        },
      ],
    });
    talk.contact.presence(phone, 'unavailable');
    await last('offline');
    const from = await talk.world.mark();
    await talk.world.api.post(`/api/${session}/presence/${chatId}/subscribe`);
    const since = ({ payload }: { payload: unknown }) => /"offline","lastSeen":\d/.test(JSON.stringify(payload));
    await talk.world.hooks.next('presence.update', since, from);
  });
});
