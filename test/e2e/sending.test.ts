import { describe, expect, it } from 'vitest';
import { conversation, png } from '../support/conversation.ts';

const talk = conversation();
const { session, phone, ana, chatId } = talk;

describe('texts', () => {
  it('arrive with mentions, under the id that was made for them, and are told of once', async () => {
    const { body } = await talk.world.api.get(`/api/${session}/new-message-id`);
    const { sent, message } = await talk.delivered('/api/sendText', {
      text: 'hi @1',
      mentions: ['4915200002009'],
      id: body.id,
    });
    expect(sent.id).toBe(`true_${chatId}_${body.id}`);
    expect(message.extendedTextMessage).toMatchObject({
      text: 'hi @1',
      contextInfo: { mentionedJid: ['4915200002009@s.whatsapp.net'] },
    });
    await talk.next('message.ack', ({ id, ack }) => id === sent.id && ack === 2);
    expect(talk.about('message.any', sent.id).map(({ source }) => source)).toEqual(['api']);
    expect(talk.about('message', sent.id)).toEqual([]);
  });

  it('quote what they answer, in both operations', async () => {
    const { id } = await talk.contact.send(phone, 'which one?');
    const asked = await talk.next('message', ({ body }) => body === 'which one?');
    expect(asked['id']).toBe(`false_${talk.heardId}_${id}`);
    for (const path of ['/api/sendText', '/api/reply']) {
      const { message } = await talk.delivered(path, { text: `this, by ${path}`, reply_to: `false_${chatId}_${id}` });
      expect(message.extendedTextMessage?.contextInfo).toMatchObject({
        stanzaId: id,
        quotedMessage: { conversation: 'which one?' },
      });
    }
  });

  it('show what their first link is about, fetched through the guard', async () => {
    const { message } = await talk.delivered('/api/sendText', { text: `look: ${talk.url}/moved.`, linkPreview: true });
    expect(message.extendedTextMessage).toMatchObject({
      matchedText: `${talk.url}/moved`,
      title: 'Fish & chips',
      description: 'Good',
    });
    const { message: plain } = await talk.delivered('/api/sendText', {
      text: `look: ${talk.url}/page`,
      linkPreview: false,
    });
    expect(plain.extendedTextMessage?.title ?? '').toBe('');
    // The same server under an address that leads there, too, and that nothing allows.
    const elsewhere = talk.url.replace('127.0.0.1', '0.0.0.0');
    const { message: refused } = await talk.delivered('/api/sendText', { text: `see ${elsewhere}/page` });
    expect(refused.extendedTextMessage?.title ?? '').toBe('');
  });

  it('go out by the two old operations, too', async () => {
    const { message } = await talk.delivered('/api/sendLinkPreview', { url: `${talk.url}/page`, title: 'Menu' });
    expect(message.extendedTextMessage).toMatchObject({ text: `Menu\n${talk.url}/page`, title: 'Fish & chips' });
    const { status } = await talk.world.api.get(`/api/sendText?session=${session}&phone=${ana}&text=old%20way`);
    expect(status).toBe(200);
    await talk.contact.waitForMessage(({ text }) => text === 'old way');
  });

  it('are refused with 400 for a wrong id, naming the field, and for too much text', async () => {
    const cases: [object, string][] = [
      [{ chatId: 'no body', text: 'x' }, 'chatId'],
      [{ chatId, text: 'x', reply_to: 'what ever' }, 'reply_to'],
      [{ chatId, text: 'x', id: '!!' }, 'id'],
      [{ chatId, text: 'x', mentions: ['no body'] }, 'mentions[0]'],
      [{ chatId, text: 'x'.repeat(65_537) }, 'text'],
      [{ chatId, text: '' }, 'text'],
    ];
    for (const [body, field] of cases) {
      const answer = await talk.send('/api/sendText', body);
      expect([answer.status, answer.body.message[0].split(' ')[0]]).toEqual([400, field]);
    }
  });

  it('are refused with 422 for a number that nobody has', async () => {
    talk.world.sandbox.absent('4915200002099');
    const answer = await talk.send('/api/sendText', { chatId: '4915200002099', text: 'hello?' });
    expect([answer.status, answer.body.message]).toEqual([422, expect.stringContaining('4915200002099@c.us')]);
    const check = (number: string, path: string) => talk.world.api.get(`${path}?session=${session}&phone=${number}`);
    expect((await check('4915200002099', '/api/checkNumberStatus')).body).toEqual({ numberExists: false });
    for (const path of ['/api/checkNumberStatus', '/api/contacts/check-exists']) {
      expect((await check(ana, path)).body).toMatchObject({ numberExists: true, chatId });
    }
    expect((await check('a b c', '/api/contacts/check-exists')).status).toBe(400);
  });
});

describe('changes of messages', () => {
  const changed = async (method: 'PUT' | 'POST' | 'DELETE', id: string, suffix = '', body?: object) =>
    talk.world.api.call(
      method,
      `/api/${session}/chats/${chatId}/messages/${id}${suffix}`,
      body ? JSON.stringify(body) : undefined,
    );

  it('react to a message, by its full id, and by its last part', async () => {
    const { id } = await talk.contact.send(phone, 'like it?');
    await talk.next('message', ({ body }) => body === 'like it?');
    for (const [messageId, reaction] of [
      [`false_${chatId}_${id}`, '👍'],
      [id, ''],
    ]) {
      const { status, body } = await talk.world.api.put('/api/reaction', { session, messageId, reaction });
      expect(status).toBe(200);
      const arrived = await talk.contact.waitForMessage((one) => body.id.includes(one.id));
      expect(arrived.message.reactionMessage).toMatchObject({ text: reaction, key: { id } });
      const told = await talk.next('message.reaction', (payload) => payload['id'] === body.id);
      expect(told).toMatchObject({ fromMe: true, source: 'api', reaction: { text: reaction } });
      expect(talk.about('message.any', body.id)).toEqual([]);
    }
    const unknown = await talk.world.api.put('/api/reaction', { session, messageId: 'NOBODY', reaction: '👍' });
    expect(unknown.status).toBe(404);
  });

  it('edit a text, and tell of it', async () => {
    const { sent, bare } = await talk.delivered('/api/sendText', { text: 'teh' });
    const { status, body } = await changed('PUT', sent.id, '', { text: 'the' });
    expect(status).toBe(200);
    const arrived = await talk.contact.waitForMessage((one) => body.id.includes(one.id));
    expect(arrived.message.protocolMessage).toMatchObject({
      key: { id: bare },
      editedMessage: { extendedTextMessage: { text: 'the' } },
    });
    const told = await talk.next('message.edited', ({ id }) => id === body.id);
    expect(told).toMatchObject({ editedMessageId: bare, body: 'the', source: 'api' });
  });

  it('revoke a message, and tell of it', async () => {
    const { sent, bare } = await talk.delivered('/api/sendText', { text: 'oops' });
    const { status, body } = await changed('DELETE', sent.id);
    expect(status).toBe(200);
    const arrived = await talk.contact.waitForMessage((one) => body.id.includes(one.id));
    expect(arrived.message.protocolMessage).toMatchObject({ key: { id: bare }, type: 0 });
    await talk.next('message.revoked', ({ revokedMessageId }) => revokedMessageId === bare);
  });

  it('leave messages of others as they are, with 422', async () => {
    const { id } = await talk.contact.send(phone, 'mine');
    await talk.next('message', ({ body }) => body === 'mine');
    expect((await changed('PUT', `false_${chatId}_${id}`, '', { text: 'yours' })).status).toBe(422);
    expect((await changed('DELETE', `false_${chatId}_${id}`)).status).toBe(422);
  });

  it('pin and unpin a message', async () => {
    const { sent, bare } = await talk.delivered('/api/sendText', { text: 'address' });
    const pinned = await changed('POST', sent.id, '/pin', { duration: 86400 });
    expect([pinned.status, pinned.body]).toEqual([201, { success: true }]);
    const pin = await talk.contact.waitForMessage(({ message }) => message.pinInChatMessage?.type === 1);
    expect(pin.message).toMatchObject({
      pinInChatMessage: { key: { id: bare } },
      messageContextInfo: { messageAddOnDurationInSecs: 86400 },
    });
    expect((await changed('POST', sent.id, '/unpin')).status).toBe(201);
    await talk.contact.waitForMessage(({ message }) => message.pinInChatMessage?.type === 2);
    expect((await changed('POST', sent.id, '/pin', { duration: 0 })).status).toBe(400);
  });

  it('star a message on all devices', async () => {
    const { sent } = await talk.delivered('/api/sendText', { text: 'keep' });
    const patched = talk.world.sandbox.next('app-state', ({ collection }) => collection === 'regular_high');
    const body = { session, chatId, messageId: sent.id, star: true };
    expect((await talk.world.api.put('/api/star', body)).status).toBe(200);
    expect(await patched).toMatchObject({ phone });
  });

  it('forward a message that is known', async () => {
    const { id } = await talk.contact.send(phone, 'pass it on');
    await talk.next('message', ({ body }) => body === 'pass it on');
    const { message } = await talk.delivered('/api/forwardMessage', { messageId: `false_${chatId}_${id}` });
    expect(message.extendedTextMessage).toMatchObject({ text: 'pass it on', contextInfo: { isForwarded: true } });
    expect((await talk.send('/api/forwardMessage', { chatId, messageId: 'UNKNOWN' })).status).toBe(404);
  });
});

describe('seen and typing', () => {
  it('marks a chat as read and shows typing', async () => {
    const { id } = await talk.contact.send(phone, 'read me');
    await talk.next('message', ({ body }) => body === 'read me');
    const receipt = talk.world.sandbox.next('receipt', ({ ids, type }) => ids.includes(id) && type.startsWith('read'));
    expect((await talk.send('/api/sendSeen', { chatId })).status).toBe(201);
    await receipt;
    const typing = talk.world.sandbox.next('chatstate');
    expect((await talk.send('/api/startTyping', { chatId })).status).toBe(201);
    expect(await typing).toMatchObject({ state: 'composing', to: ana });
  });
});

describe('what WhatsApp does not take', () => {
  const bodies: [string, 'POST' | 'PUT', object][] = [
    ['/api/sendText', 'POST', { text: 'no' }],
    ['/api/sendImage', 'POST', { file: { mimetype: 'image/png', data: png } }],
    ['/api/sendLocation', 'POST', { latitude: 1, longitude: 2, title: 'x' }],
    ['/api/sendPoll', 'POST', { poll: { name: 'x', options: ['a', 'b'], multipleAnswers: false } }],
    ['/api/sendContactVcard', 'POST', { contacts: [{ fullName: 'x', phoneNumber: '1', vcard: null }] }],
    ['/api/reaction', 'PUT', { messageId: `false_${chatId}_ABC`, reaction: '👍' }],
  ];

  it.each(bodies)('%s answers 422 with its code', async (path, method, body) => {
    talk.world.sandbox.faults.set({ kind: 'refuse-message', code: 479, times: 1 });
    const answer = await talk.world.api.call(method, path, JSON.stringify({ session, chatId, ...body }));
    expect([answer.status, answer.body.code]).toEqual([422, 479]);
  });
});

describe('groups', () => {
  it('get texts, files, reactions and polls, each under an id that names the author', async () => {
    const group = talk.world.sandbox.group({ subject: 'Team', owner: ana, participants: [phone] });
    const me = `${phone}@c.us`;
    const arrived = (id: string) => talk.contact.waitForMessage((message) => message.id === id.split('_')[2]);
    const bodies: [string, object][] = [
      ['/api/sendText', { text: 'hello all' }],
      ['/api/sendImage', { file: { mimetype: 'image/png', data: png }, caption: 'all of us' }],
      ['/api/sendPoll', { poll: { name: 'Where?', options: ['a', 'b'], multipleAnswers: false } }],
    ];
    for (const [path, body] of bodies) {
      const { status, body: sent } = await talk.send(path, { chatId: group.jid, ...body });
      expect([status, sent.participant, sent.to]).toEqual([201, me, group.jid]);
      expect(sent.id).toMatch(new RegExp(`^true_${group.jid}_[0-9A-F]+_${me}$`));
      expect(await arrived(sent.id)).toMatchObject({ chat: group.jid, encryption: 'skmsg' });
      await talk.next('message.ack.group', ({ id, ack }) => id === sent.id && ack === 2);
      expect(talk.about('message.any', sent.id).map(({ source }) => source)).toEqual(['api']);
    }
    await talk.contact.send(group.jid, 'what now?');
    const heard = await talk.next('message', ({ body }) => body === 'what now?');
    const reaction = { session, messageId: heard['id'], reaction: '🎉' };
    const { body: reacted } = await talk.world.api.put('/api/reaction', reaction);
    expect((await arrived(reacted.id)).message.reactionMessage).toMatchObject({ text: '🎉', key: { fromMe: false } });
    const reply = await talk.send('/api/sendText', { chatId: group.jid, text: 'this', reply_to: heard['id'] });
    const { message } = await arrived(reply.body.id);
    expect(message.extendedTextMessage?.contextInfo?.quotedMessage?.conversation).toBe('what now?');
  });
});
