import { createCipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import type { WAMessage } from '../../core/index.ts';
import { conversation } from '../support/conversation.ts';

const { Type } = proto.Message.ProtocolMessage;
const { SecretEncType } = proto.Message.SecretEncryptedMessage;
const jid = (number: string) => `${number}@s.whatsapp.net`;

/** As a phone seals something with the secret of the message it is about. */
const seal = (purpose: string, id: string, secret: Uint8Array, people: [string, string], message: Uint8Array) => {
  const key = Buffer.from(hkdfSync('sha256', secret, '', id + people.join('') + purpose, 32));
  const encIv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, encIv);
  const encPayload = Buffer.concat([cipher.update(message), cipher.final(), cipher.getAuthTag()]);
  return { encIv, encPayload };
};
const encoded = (message: proto.IMessage) => proto.Message.encode(message).finish();

describe.each([
  ['with a store', true],
  ['without a store', false],
])('in a session %s', (_, keeps) => {
  const talk = conversation({ config: keeps ? { noweb: { store: { enabled: true } } } : {} });
  const { phone, ana, chatId, session } = talk;
  const lid = () => talk.contact.lid;
  /** A message of Ana's with a secret, which has been told of. */
  const said = async (message: proto.IMessage) => {
    const messageSecret = randomBytes(32);
    const { id } = await talk.contact.send(phone, { ...message, messageContextInfo: { messageSecret } });
    await talk.next('message', (payload) => payload['id'] === `false_${talk.heardId}_${id}`);
    return { id, messageSecret };
  };
  const ownKey = (id: string) => ({ remoteJid: jid(phone), fromMe: true, id });
  const stored = async (id: string) => {
    const { body } = await talk.world.api.call('GET', `/api/${session}/chats/${chatId}/messages/${id}`);
    return body as WAMessage;
  };
  /** What is remembered of a message, as whoever gets a quote of it sees it. */
  const quoted = async (id: string): Promise<proto.IMessage> => {
    const { message } = await talk.delivered('/api/sendText', { text: 'this?', reply_to: id });
    return message.extendedTextMessage?.contextInfo?.quotedMessage ?? {};
  };
  /** The text that is remembered. */
  const text = async (id: string): Promise<string | null> => {
    const quote = await quoted(id);
    const remembered =
      quote.conversation ??
      quote.extendedTextMessage?.text ??
      quote.imageMessage?.caption ??
      quote.eventMessage?.name ??
      null;
    if (keeps) expect(await stored(id)).toMatchObject({ body: remembered });
    return remembered;
  };
  const sealedEdit = (
    id: string,
    messageSecret: Uint8Array,
    people: [string, string],
    edit: proto.IMessage,
    type = 2,
  ) => ({
    secretEncryptedMessage: {
      targetMessageKey: ownKey(id),
      secretEncType: type,
      ...seal(
        type === SecretEncType.EVENT_EDIT ? 'Event Edit' : 'Message Edit',
        id,
        messageSecret,
        people,
        encoded(edit),
      ),
    },
  });
  const plainEdit = (id: string, editedMessage: proto.IMessage) => ({
    protocolMessage: { type: Type.MESSAGE_EDIT, key: ownKey(id), editedMessage },
  });
  const edited = (id: string) => talk.next('message.edited', ({ editedMessageId }) => editedMessageId === id);

  describe('a sealed edit', () => {
    it.each([
      ['numbers', () => jid(ana), () => jid(ana)],
      ['hidden ids', lid, lid],
      ['one of each', () => jid(ana), lid],
    ])(
      'is opened whether its sender goes by %s, told of once, and changes what is read back',
      async (_, fromName, byName) => {
        const [from, by] = [fromName(), byName()];
        const { id, messageSecret } = await said({ conversation: 'befor' });
        const after = {
          protocolMessage: { type: Type.MESSAGE_EDIT, key: ownKey(id), editedMessage: { conversation: 'before' } },
        };
        const { id: editId } = await talk.contact.send(phone, sealedEdit(id, messageSecret, [from, by], after));
        expect(await edited(id)).toMatchObject({
          id: `false_${talk.heardId}_${editId}`,
          body: 'before',
          from: talk.heardId,
        });
        expect([
          ...talk.about('message', `false_${talk.heardId}_${editId}`),
          ...talk.about('message.waiting', `false_${talk.heardId}_${editId}`),
        ]).toEqual([]);
        expect(await text(id)).toBe('before');
        await talk.contact.send(phone, sealedEdit(id, messageSecret, [from, by], { conversation: 'twice' }));
        await talk.next('message.edited', ({ body, editedMessageId }) => body === 'twice' && editedMessageId === id);
        expect(await text(id)).toBe('twice');
      },
    );

    it('of an event changes it', async () => {
      const { id, messageSecret } = await said({ eventMessage: { name: 'Dinner' } });
      const edit = sealedEdit(
        id,
        messageSecret,
        [jid(ana), jid(ana)],
        { eventMessage: { name: 'Lunch' } },
        SecretEncType.EVENT_EDIT,
      );
      await talk.contact.send(phone, edit);
      expect(await edited(id)).toMatchObject({ body: 'Lunch' });
      expect(await text(id)).toBe('Lunch');
    });

    it('of something that is not remembered, or with a wrong secret, is waited for and is no message', async () => {
      const { id } = await said({ conversation: 'mine' });
      for (const target of ['3A0000000000000000FF', id]) {
        const edit = sealedEdit(target, randomBytes(32), [jid(ana), jid(ana)], { conversation: 'no' });
        const { id: editId } = await talk.contact.send(phone, edit);
        const full = `false_${talk.heardId}_${editId}`;
        expect(await talk.next('message.waiting', (payload) => payload['id'] === full)).toMatchObject({ body: null });
        expect(talk.about('message', full)).toEqual([]);
      }
      expect(await text(id)).toBe('mine');
    });
  });

  it('a sealed comment is a message that answers what it is about', async () => {
    const { id, messageSecret } = await said({ conversation: 'news' });
    const sealed = seal('Enc Comment', id, messageSecret, [jid(ana), jid(ana)], encoded({ conversation: 'well said' }));
    await talk.contact.send(phone, { encCommentMessage: { targetMessageKey: ownKey(id), ...sealed } });
    const comment = await talk.next('message', ({ body }) => body === 'well said');
    expect(comment).toMatchObject({ replyTo: { id } });
  });

  it('a sealed reaction is a reaction', async () => {
    const { id, messageSecret } = await said({ conversation: 'announcement' });
    const reaction = proto.Message.ReactionMessage.encode({ text: '🔥' }).finish();
    const sealed = seal('Enc Reaction', id, messageSecret, [jid(ana), jid(ana)], reaction);
    await talk.contact.send(phone, { encReactionMessage: { targetMessageKey: ownKey(id), ...sealed } });
    const told = await talk.next('message.reaction', ({ reaction }) => (reaction as { text: string }).text === '🔥');
    expect(told).toMatchObject({ reaction: { messageId: `false_${talk.heardId}_${id}` } });
  });

  describe('an edit', () => {
    it.each([
      ['a text', { conversation: 'new caption' }],
      ['the picture with its caption only', { imageMessage: { caption: 'new caption' } }],
    ] as const)('that comes as %s changes the caption, and file, quote and secret stay', async (_, editedMessage) => {
      const contextInfo = { stanzaId: 'ASKED', participant: jid(ana), quotedMessage: { conversation: 'show me' } };
      const image = { caption: 'old', mimetype: 'image/png', directPath: '/x', mediaKey: randomBytes(32), contextInfo };
      const { id, messageSecret } = await said({ imageMessage: image });
      await talk.contact.send(phone, plainEdit(id, editedMessage));
      const kept = { body: 'new caption', hasMedia: true, replyTo: { id: 'ASKED', body: 'show me' } };
      expect(await edited(id)).toMatchObject(kept);
      expect((await quoted(id)).imageMessage).toMatchObject({
        caption: 'new caption',
        mimetype: 'image/png',
        directPath: '/x',
      });
      if (keeps) expect(await stored(id)).toMatchObject({ ...kept, media: { mimetype: 'image/png' } });
      await talk.contact.send(phone, sealedEdit(id, messageSecret, [jid(ana), jid(ana)], { conversation: 'sealed' }));
      await talk.next('message.edited', ({ body, editedMessageId }) => body === 'sealed' && editedMessageId === id);
      expect((await quoted(id)).imageMessage).toMatchObject({ caption: 'sealed', directPath: '/x' });
      if (keeps) expect(await stored(id)).toMatchObject({ ...kept, body: 'sealed' });
    });
  });

  describe('who may change a message', () => {
    const answers = async (text: string) => {
      const { id } = await talk.contact.send(phone, text);
      await talk.next('message', (payload) => payload['id'] === `false_${talk.heardId}_${id}`);
    };

    it('is its author: a contact edits and revokes none of ours', async () => {
      const { sent, bare } = await talk.delivered('/api/sendText', { text: 'ours' });
      for (const key of [{ remoteJid: jid(phone), fromMe: false, id: bare }, ownKey(bare)]) {
        await talk.contact.send(phone, {
          protocolMessage: { type: Type.MESSAGE_EDIT, key, editedMessage: { conversation: 'hacked' } },
        });
        await talk.contact.send(phone, { protocolMessage: { type: Type.REVOKE, key } });
      }
      await answers('after the attempts');
      const changes = talk.world.hooks.all.filter(({ event: { event, payload } }) => {
        const { editedMessageId, revokedMessageId } = payload as Record<string, unknown>;
        return /edited|revoked/.test(event) && [editedMessageId, revokedMessageId].includes(bare);
      });
      expect(changes).toEqual([]);
      expect(await text(sent.id)).toBe('ours');
    });

    it('is in a group its author or an admin', async () => {
      const { sandbox } = talk.world;
      const [ben, eve] = [sandbox.contact('4915200002101'), sandbox.contact('4915200002102')];
      const group = sandbox.group({ subject: 'Rules', owner: ana, participants: [phone, ben.number, eve.number] });
      const say = async (text: string) => {
        const { id } = await ben.send(group.jid, text);
        await talk.next('message', ({ body, from }) => body === text && from === group.jid);
        return { id, key: { remoteJid: group.jid, fromMe: false, id, participant: jid(ben.number) } };
      };
      const [first, second] = [await say('first of Ben'), await say('second of Ben')];
      await eve.send(group.jid, { protocolMessage: { type: Type.REVOKE, key: first.key } });
      await eve.send(group.jid, {
        protocolMessage: { type: Type.MESSAGE_EDIT, key: first.key, editedMessage: { conversation: 'x' } },
      });
      await talk.contact.send(group.jid, { protocolMessage: { type: Type.REVOKE, key: second.key } });
      const told = await talk.next('message.revoked', ({ revokedMessageId }) => revokedMessageId === second.id);
      expect(told).toMatchObject({ before: { body: 'second of Ben' } });
      const others = talk.world.hooks.all.filter(({ event: { payload } }) => {
        const { editedMessageId, revokedMessageId } = payload as Record<string, unknown>;
        return [editedMessageId, revokedMessageId].includes(first.id);
      });
      expect(others).toEqual([]);
    });
  });

  it('a text that was sent to a number and is reacted to from a hidden id is named as the send and its acks named it', async () => {
    const { sent, bare } = await talk.delivered('/api/sendText', { text: 'like it?' });
    await talk.contact.send(phone, {
      reactionMessage: { text: '🧡', key: { remoteJid: talk.world.sandbox.phone(phone).lid, fromMe: false, id: bare } },
    });
    const told = await talk.next('message.reaction', ({ reaction }) => (reaction as { text: string }).text === '🧡');
    expect(told).toMatchObject({ reaction: { messageId: sent.id } });
    await talk.next('message.ack', ({ id }) => id === sent.id);
  });

  it('what was revoked is quoted no more, and a revoked message is told of with what it said', async () => {
    const { id } = await said({ conversation: 'a secret' });
    await talk.contact.send(phone, { protocolMessage: { type: Type.REVOKE, key: ownKey(id) } });
    const told = await talk.next('message.revoked', ({ revokedMessageId }) => revokedMessageId === id);
    expect(told).toMatchObject({ before: { body: 'a secret' } });
    expect(JSON.stringify(await quoted(id))).not.toContain('a secret');
  });
});
