import { afterEach, describe, expect, it } from 'vitest';
import { createTestHost, type TestHost } from '../../../core/testing/index.ts';
import { taskOf } from '../../../plugins/chatwoot/inward/webhook-body.ts';
import { ChatwootStandIn } from './stand-in.ts';

const chat = '5511988887777@c.us';
const quarter = 15 * 60_000;

let host: TestHost;
let server: ChatwootStandIn;
let isDown = false;
afterEach(async () => {
  expect(server.outside).toEqual([]);
  await host.close();
  isDown = false;
});

const start = async (config: object = {}, sessions = ['default']): Promise<void> => {
  server = new ChatwootStandIn();
  host = await createTestHost({ plugins: ['apps', 'chatwoot'], sessions });
  host.http.answers(async ({ method = 'GET', url, headers = {}, body = '' }) => {
    if (isDown) throw new Error('connect ECONNREFUSED');
    const { status, json } = await server.handle(method, url, headers, Buffer.from(body));
    return { status, body: Buffer.from(JSON.stringify(json)) };
  });
  host.client().messageIds.create.answers(async () => `3EB0FRESH${String(++fresh).padStart(6, '0')}`);
  await put({ ...server.config(), ...config });
};
let fresh = 0;
const put = async (config: object, more: object = {}): Promise<void> => {
  const body = { session: 'default', app: 'chatwoot', config, ...more };
  expect((await host.request('PUT', '/api/apps/cw', { body })).status).toBe(200);
};
/** Until there is nothing more to do. */
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 40; turn++) await host.clock.pass(50);
};
const webhook = async (body: object): Promise<void> => {
  const answer = await host.request('POST', '/webhooks/chatwoot/default/cw', { body });
  expect(answer).toMatchObject({ status: 201, body: { success: true } });
  await settled();
};
const heard = async (changes: object, event: 'message.any' | 'message.ack' = 'message.any') => {
  const told = await host.emit(event, changes as never);
  await settled();
  return told?.payload as { readonly id: string };
};
const shown = () => server.messages.map(({ message_type: type, content }) => [type, content]);
const texts = () => host.client().messages.sendText.calls.map(([message]) => message.text);

describe('what is said in WhatsApp', () => {
  it('is shown in the conversation of its contact, which is made once', async () => {
    await start();
    await heard({ body: 'Hello', _data: { pushName: 'Ana' } });
    await heard({ body: '*Are* you there?' });
    expect(shown()).toEqual([
      ['incoming', 'Hello'],
      ['incoming', '**Are** you there?'],
    ]);
    const [contact] = server.contacts.filter(({ identifier }) => identifier === chat);
    expect(contact).toMatchObject({
      name: 'Ana',
      phone_number: '+5511988887777',
      custom_attributes: { waha_whatsapp_chat_id: chat, waha_whatsapp_jid: chat },
    });
    expect(server.conversations).toHaveLength(1);
  });

  it('goes on in a contact that was there, in another inbox, and by its number', async () => {
    await start();
    const made = { inbox_id: 9, name: 'Ana by hand', phone_number: '+5511988887777' };
    await server.handle(
      'POST',
      'http://x/api/v1/accounts/1/contacts',
      { api_access_token: server.token },
      Buffer.from(JSON.stringify(made)),
    );
    await heard({ body: 'Hello' });
    expect(server.contacts).toHaveLength(1);
    expect(server.contacts[0]).toMatchObject({ name: 'Ana by hand', custom_attributes: { waha_whatsapp_jid: chat } });
    expect(shown()).toEqual([['incoming', 'Hello']]);
  });

  it('goes to a new conversation when the old one is not in a status that the config names', async () => {
    await start({ conversations: { sort: 'created_newest', status: ['open'] } });
    await heard({ body: 'one' });
    const [first] = server.conversations;
    if (first) first.status = 'resolved';
    await webhook({ event: 'conversation_status_changed', id: first?.id, status: 'resolved' });
    await heard({ body: 'two' });
    expect(server.conversations.map(({ messages }) => messages.map(({ content }) => content))).toEqual([
      ['one'],
      ['two'],
    ]);
  });

  it('is a private note when the account wrote it elsewhere, and counts as read', async () => {
    await start();
    await heard({ id: `true_${chat}_3EB0AA`, fromMe: true, source: 'app', body: 'From the phone' });
    await heard({ id: `true_${chat}_3EB0BB`, fromMe: true, source: 'api', body: 'From a program' });
    expect(server.messages).toMatchObject([
      { message_type: 'outgoing', private: true, content: expect.stringMatching(/^From the phone\n\n.*WhatsApp/) },
      { message_type: 'outgoing', private: true, content: expect.stringMatching(/^From a program\n\n.*API/) },
    ]);
    expect(server.conversations[0]?.['seen']).toBe(true);
  });

  it('has replies, edits, reactions and deletions at the message that they are about', async () => {
    await start();
    const { id } = await heard({ body: 'Is it ready?' });
    const about = { fromMe: false, from: chat };
    await heard({ ...about, body: 'Well?', replyTo: { id, hasMedia: false } });
    await host.emit('message.edited', { id: `false_${chat}_E1`, body: 'Is it ready now?', editedMessageId: id });
    await host.emit('message.reaction', { id: `false_${chat}_R1`, reaction: { text: '👍', messageId: id } });
    await host.emit('message.reaction', { id: `false_${chat}_R2`, reaction: { text: '', messageId: id } });
    const before = { ...host.events[0]?.payload, ...about, id } as never;
    await host.emit('message.revoked', { revokedMessageId: id, before, after: null });
    await settled();
    const [first, ...others] = server.messages;
    expect(others.map(({ content_attributes: about }) => about['in_reply_to'])).toEqual(others.map(() => first?.id));
    expect(others.map(({ content }) => content.split('\n')[0])).toEqual([
      'Well?',
      'Is it ready now?',
      '*Reacted* 👍',
      '*Took the reaction back*',
      '❌ *This message was deleted in WhatsApp*',
    ]);
  });

  it('names who wrote in a group, and shows places, cards and polls as text', async () => {
    await start({ locale: 'de-DE' });
    host.client().groups.get.answers(async () => ({ id: '1@g.us', subject: 'Club' }) as never);
    const group = '120363000000000001@g.us';
    await heard({
      id: `false_${group}_G1_${chat}`,
      from: group,
      participant: chat,
      body: 'Hi all',
      _data: { pushName: 'Ana' },
    });
    await heard({ body: null, location: { latitude: '1.5', longitude: '2.5', live: false, name: 'Pier' } });
    await heard({ body: null, vCards: ['BEGIN:VCARD\nFN:Bob\nTEL;type=CELL:+1 555\nEND:VCARD'] });
    await heard({
      body: null,
      _data: {
        message: { pollCreationMessageV3: { name: 'When?', options: [{ optionName: 'Now' }, { optionName: 'Soon' }] } },
      },
    });
    await heard({ body: null });
    expect(shown().map(([, content]) => content)).toEqual([
      '👥 *Ana*\n\nHi all',
      expect.stringContaining('Pier'),
      expect.stringContaining('\n\n**Bob**\n- +1 555'),
      '📊 **When?**\n- Now\n- Soon',
      expect.stringContaining('cannot show'),
    ]);
    expect(server.contacts.find(({ identifier }) => identifier === group)?.['name']).toBe('Club (Gruppe)');
  });

  it('keeps what is said besides a place, and the options of a poll that disappears', async () => {
    await start();
    await heard({
      body: 'Party\n*come*',
      location: { latitude: '1', longitude: '2', live: false, name: 'Home' },
    });
    const poll = { pollCreationMessageV3: { name: 'When?', options: [{ optionName: 'Now' }, { optionName: 'Soon' }] } };
    await heard({ body: 'When?', _data: { message: { ephemeralMessage: { message: poll } } } });
    await heard({ body: 'Or?', _data: { message: { pollCreationMessageV4: { message: poll } } } });
    expect(shown().map(([, content]) => content)).toEqual([
      expect.stringMatching(/^Party\n\*\*come\*\*\n\n📍 .*\n\*\*Home\*\*\n.*q=1,2$/),
      ...['📊 **When?**\n- Now\n- Soon', '📊 **When?**\n- Now\n- Soon'],
    ]);
  });

  it('says when a planned event begins and ends, where it is, and that it is off', async () => {
    await start();
    const event = { name: 'Party', description: 'Come!', startTime: '1798135200', endTime: 1798142400 };
    const location = { latitude: '1', longitude: '2', live: false, name: 'Home' };
    const body = 'Party\nCome!';
    await heard({ body, location, _data: { message: { ephemeralMessage: { message: { eventMessage: event } } } } });
    const off = { name: 'Party', isCanceled: true, joinLink: 'https://call.whatsapp.com/voice/x' };
    await heard({ body: 'Party', _data: { message: { eventMessage: off } } });
    const [first, second] = shown().map(([, content]) => content);
    expect(first).toMatch(/^📅 \*\*Party\*\*\n🕒 .*December 24, 2026.*06:00 PM UTC – .*08:00 PM UTC\n\nCome!\n\n📍 /);
    expect(second).toBe('📅 ❌ **Party**\nhttps://call.whatsapp.com/voice/x');
  });

  it('says that there is something which only the phone may show, and waits for what is not decrypted yet', async () => {
    await start();
    await host.emit('message.waiting', { id: `false_${chat}_V1`, _data: { key: { isViewOnce: true } } });
    await host.emit('message.waiting', { id: `false_${chat}_C1`, _data: { messageStubType: 2 } });
    await heard({ id: `false_${chat}_C1`, body: 'Decrypted' });
    expect(shown().map(([, content]) => content)).toEqual([expect.stringContaining('cannot show'), 'Decrypted']);
  });

  it('has the texts that its templates say', async () => {
    await start({ templates: { 'message.from.whatsapp': 'PHONE: {{{text}}}' } });
    await heard({ id: `true_${chat}_3EB0AA`, fromMe: true, source: 'app', body: '<b> & "c"' });
    expect(shown()).toEqual([['outgoing', 'PHONE: <b> & "c"']]);
  });

  it('is told of calls and of what becomes of the session', async () => {
    await start();
    await host.emit('call.received', {});
    await host.emit('session.status', { status: 'FAILED' });
    await host.emit('session.status', { status: 'FAILED' });
    await host.emit('session.status', { status: 'STARTING' });
    await settled();
    expect(shown()).toEqual([['incoming', '📞 *Calls*']]);
    expect(server.news?.messages.map(({ content }) => content)).toEqual([expect.stringContaining('**FAILED**')]);
  });
});

describe('while Chatwoot is away', () => {
  it('nothing is lost for an hour, and nothing comes twice', async () => {
    await start();
    await heard({ body: 'before' });
    isDown = true;
    const said = Array.from({ length: 12 }, (_, index) => `message ${index}`);
    for (const [index, body] of said.entries()) {
      await host.emit('message.any', { body });
      if (index % 3 === 0) await host.clock.pass(quarter);
    }
    isDown = false;
    for (let turn = 0; turn < 40; turn++) await host.clock.pass(5_000);
    expect(shown().map(([, content]) => content)).toEqual(['before', ...said]);
  });

  it('a message whose answer was lost is looked for, and not posted again', async () => {
    await start();
    let lost = 0;
    host.http.answers(async ({ method = 'GET', url, headers = {}, body = '' }) => {
      const { status, json } = await server.handle(method, url, headers, Buffer.from(body));
      if (method === 'POST' && url.endsWith('/messages') && lost++ % 2 === 0) throw new Error('socket hang up');
      return { status, body: Buffer.from(JSON.stringify(json)) };
    });
    for (const body of ['one', 'two', 'three']) await heard({ body });
    for (let turn = 0; turn < 20; turn++) await host.clock.pass(1_000);
    expect(shown().map(([, content]) => content)).toEqual(['one', 'two', 'three']);
    expect(lost).toBeGreaterThan(2);
  });

  it('a token that is not taken holds everything up until it is changed', async () => {
    await start({ accountToken: 'old' });
    await heard({ body: 'Hello' });
    expect(server.messages).toEqual([]);
    await put(server.config());
    await settled();
    expect(shown()).toEqual([['incoming', 'Hello']]);
  });
});

describe('what agents write in Chatwoot', () => {
  const open = async (config: object = {}) => {
    await start(config);
    await heard({ body: 'Hello' });
    return server.conversations[0]?.id ?? 0;
  };

  it('is sent once, however often Chatwoot calls, and its acks are its status', async () => {
    const conversation = await open();
    const body = server.agentWrites(conversation, 'Good **morning**');
    for (let call = 0; call < 3; call++) await webhook(body);
    expect(texts()).toEqual(['Good *morning*']);
    const [sent] = host.client().messages.sendText.calls[0] ?? [];
    expect(sent).toMatchObject({ chatId: chat, id: expect.stringMatching(/^3EB0FRESH/) });
    const id = `true_${chat}_${sent?.id}`;
    await heard({ id, fromMe: true, source: 'api', body: 'Good *morning*' });
    expect(shown()).toHaveLength(2);
    const message = server.messages.find((one) => one.id === body.id);
    for (const [ack, status] of [
      [1, 'sent'],
      [2, 'delivered'],
      [3, 'read'],
      [2, 'read'],
    ] as const) {
      await heard({ id, ack }, 'message.ack');
      expect(message?.status).toBe(status);
    }
  });

  it('answers the message that it answers, is deleted and edited with it, and is no private note', async () => {
    const conversation = await open();
    const [first] = server.messages;
    const body = server.agentWrites(conversation, 'Yes', { content_attributes: { in_reply_to: first?.id } });
    await webhook(body);
    await webhook(server.agentWrites(conversation, 'Only for us', { private: true }));
    const [[sent] = []] = host.client().messages.sendText.calls;
    expect(sent?.replyTo).toBe(first?.source_id);
    expect(texts()).toEqual(['Yes']);
    const messageId = `true_${chat}_${sent?.id}`;
    await webhook({ ...server.webhook('message_updated', conversation, body.id), content: 'Yes, sure' });
    await webhook(server.webhook('message_updated', conversation, body.id, { content: 'Yes, sure' }));
    expect(host.client().changes.edit.calls).toEqual([[{ messageId, text: 'Yes, sure' }]]);
    await webhook(server.webhook('message_updated', conversation, body.id, { content_attributes: { deleted: true } }));
    expect(host.client().changes.remove.calls).toEqual([[{ messageId }]]);
    const gone = { ...host.events[0]?.payload, id: messageId, fromMe: true } as never;
    await host.emit('message.revoked', { revokedMessageId: messageId, before: gone, after: null });
    await settled();
    expect(server.messages.at(-1)?.content).not.toContain('deleted');
  });

  it.each([
    [
      'input_select',
      [
        { title: 'Shirt', value: 's' },
        { title: 'Shoes', value: 'h' },
      ],
      'Which?\n\n- Shirt\n- Shoes',
    ],
    [
      'cards',
      [{ title: 'Shirt', description: 'Blue', actions: [{ type: 'link', text: 'Buy', uri: 'https://example.org/1' }] }],
      'Which?\n\n*Shirt*\nBlue\nBuy: https://example.org/1',
    ],
    [
      'article',
      [{ title: 'Help', description: 'How', link: 'https://example.org/2' }],
      'Which?\n\n*Help*\nHow\nhttps://example.org/2',
    ],
    ['form', [{ name: 'email', label: 'Your email', type: 'email' }], 'Which?\n\n- Your email'],
    ['input_email', undefined, 'Which?'],
    ['input_select', [null, 5, {}, { title: 7 }, 'x'], 'Which?'],
    ['input_select', 'none', 'Which?'],
  ])('is text where it is interactive: %s %j', async (content_type, items, text) => {
    const conversation = await open();
    const content_attributes = items === undefined ? {} : { items };
    const body = { ...server.agentWrites(conversation, 'Which?', { content_attributes }), content_type };
    await webhook(body);
    // What the contact chose does not change it.
    await webhook({
      ...body,
      event: 'message_updated',
      content_attributes: { ...content_attributes, submitted_values: [] },
    });
    expect([texts(), host.client().changes.edit.calls]).toEqual([[text], []]);
  });

  it('is a picture with a caption where it is a card with one', async () => {
    await start();
    const items = [{ title: 'Shirt', media_url: 'https://example.org/shirt.png' }];
    const body = {
      event: 'message_created',
      id: 5,
      content_type: 'cards',
      message_type: 'outgoing',
      conversation: { id: 1 },
    };
    expect(taskOf({ ...body, content_attributes: { items } })?.task).toMatchObject({
      content: '- Shirt',
      attachments: [{ url: 'https://example.org/shirt.png', type: 'image' }],
    });
  });

  it('is sent as it is by now, and not at all when it is deleted, whatever is told first', async () => {
    const conversation = await open();
    const told = async (text: string, changes: object, isLate: boolean) => {
      const body = server.agentWrites(conversation, text);
      const change = { ...body, event: 'message_updated', ...changes };
      for (const call of isLate ? [change, body] : [body, change]) await webhook(call);
    };
    await told('never said', { content_attributes: { deleted: true } }, true);
    await told('before', { content: 'after' }, true);
    await host.sessions.stop('default');
    await told('never said either', { content_attributes: { deleted: true } }, false);
    await told('then', { content: 'now' }, false);
    await host.sessions.start('default');
    for (let turn = 0; turn < 30; turn++) await host.clock.pass(2_000);
    expect(texts()).toEqual(['after', 'now']);
    expect(host.client().changes.edit.calls).toEqual([]);
  });

  it('may be edited back to what it was', async () => {
    const conversation = await open();
    const body = server.agentWrites(conversation, 'A');
    await webhook(body);
    for (const content of ['B', 'A', 'A', 'B']) await webhook({ ...body, event: 'message_updated', content });
    expect(host.client().changes.edit.calls.map(([{ text }]) => text)).toEqual(['B', 'A', 'B']);
  });

  it('waits while the session is not connected, in order', async () => {
    const conversation = await open();
    await host.sessions.stop('default');
    for (const text of ['one', 'two']) await webhook(server.agentWrites(conversation, text));
    expect(texts()).toEqual([]);
    await host.sessions.start('default');
    for (let turn = 0; turn < 30; turn++) await host.clock.pass(2_000);
    expect(texts()).toEqual(['one', 'two']);
  });

  it('says why it failed, and is sent when the agent tries again', async () => {
    const conversation = await open();
    host.client().messages.sendText.answers(async () => {
      throw Object.assign(new Error('not on WhatsApp'), {});
    });
    const body = server.agentWrites(conversation, 'Hello?');
    await webhook(body);
    const message = server.messages.find((one) => one.id === body.id);
    expect(message).toMatchObject({ status: 'failed', content_attributes: { external_error: 'not on WhatsApp' } });
    host.client().messages.sendText.answers(async () => ({}) as never);
    await webhook(
      server.webhook('message_updated', conversation, body.id, { content_attributes: { external_error: null } }),
    );
    expect(texts()).toEqual(['Hello?', 'Hello?']);
  });

  it('goes to the number of a contact that never wrote', async () => {
    const conversation = await open();
    host.client().numbers.check.answers(async () => ({ numberExists: true, chatId: '15550001111@c.us' }));
    const body = server.agentWrites(conversation, 'Hi');
    await webhook({
      ...body,
      conversation: { id: conversation, meta: { sender: { id: 5, phone_number: '+15550001111' } } },
    });
    expect(host.client().messages.sendText.calls[0]?.[0]).toMatchObject({ chatId: '15550001111@c.us', text: 'Hi' });
  });

  it('is a command in the conversation with the session, and behind wa/', async () => {
    const conversation = await open({ commands: { server: true, queue: true } });
    await webhook(server.agentWrites(conversation, 'wa/status'));
    const news = server.news?.id ?? 0;
    for (const text of ['help', '2', 'QUEUE status', 'server reboot']) await webhook(server.agentWrites(news, text));
    await settled();
    const said = server.news?.messages
      .filter(({ message_type: type }) => type === 'incoming')
      .map(({ content }) => content);
    expect(said).toEqual(
      expect.arrayContaining([
        expect.stringContaining('is **WORKING**'),
        expect.stringContaining('**logout**'),
        '0 messages wait to be sent on WhatsApp.',
        '⛔ Commands about the server are switched off.',
      ]),
    );
    expect(texts()).toEqual([]);
  });
});

describe('the webhook', () => {
  it('is there for apps that run, and answers whatever it does not understand', async () => {
    await start();
    const status = async (path: string, body: object = {}) => (await host.request('POST', path, { body })).status;
    expect(await status('/webhooks/chatwoot/default/other')).toBe(404);
    expect(await status('/webhooks/chatwoot/another/cw')).toBe(404);
    for (const body of [
      {},
      { event: 'webwidget_triggered' },
      { event: 'message_created' },
      { event: 'message_created', id: 'x' },
    ]) {
      expect(await status('/webhooks/chatwoot/default/cw', body)).toBe(201);
    }
    await put(server.config(), { enabled: false });
    expect(await status('/webhooks/chatwoot/default/cw')).toBe(404);
  });
});

describe('a config', () => {
  it.each([
    [{ locale: 'xx-XX' }, 'config.locale'],
    [{ templates: { 'message.from.whatsap': 'x' } }, "did you mean 'message.from.whatsapp'"],
    [{ templates: { 'message.from.whatsapp': '{{#open}}' } }, 'config.templates.message.from.whatsapp'],
    [{ url: 'no url' }, 'config.url'],
    [{ accountId: 'one' }, 'config.accountId'],
  ])('that cannot be is refused with the field: %j', async (wrong, why) => {
    await start();
    const body = { session: 'default', app: 'chatwoot', config: { ...server.config(), ...wrong } };
    const refused = await host.request('PUT', '/api/apps/cw', { body });
    expect([400, 422]).toContain(refused.status);
    expect(JSON.stringify(refused.body)).toContain(why);
  });
});
