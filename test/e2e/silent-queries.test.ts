import { describe, expect, it } from 'vitest';
import { conversation, png } from '../support/conversation.ts';

/** Less than any of Baileys' own limits, and more than a busy machine needs for an answer. */
const baileys = { queryTimeoutMs: 3000 };
const silent = { status: 503, body: expect.objectContaining({ message: 'WhatsApp did not answer in time' }) };

describe('a server without hidden ids that answers no questions about people', () => {
  const talk = conversation({ sandbox: { addressing: 'none' }, baileys });
  const silence = (xmlns = 'usync') => talk.world.sandbox.faults.set({ kind: 'unanswered', xmlns });

  it('is heard at once, message after message, and is not asked', async () => {
    const question = talk.world.sandbox.faults.set({ kind: 'unanswered', xmlns: 'usync', times: 1 });
    for (const text of ['one', 'two', 'three']) await talk.hear(text);
    expect(question.left).toBe(1);
  });

  it('is answered where the devices are known, and refused in time where they are not', async () => {
    await talk.delivered('/api/sendText', { text: 'while it answers' });
    silence();
    await talk.delivered('/api/sendText', { text: 'known' });
    const sent = talk.send('/api/sendText', { chatId: '4915200002008@c.us', text: 'unknown' });
    expect(await sent).toMatchObject(silent);
    const check = talk.world.api.get(`/api/contacts/check-exists?session=${talk.session}&phone=4915200002008`);
    expect(await check).toMatchObject(silent);
    await talk.hear('still there');
  });

  it.each([
    ['usync', '1'],
    ['encrypt', '2'],
  ])('keeps nobody waiting for an answer about somebody else: %s', async (xmlns, digit) => {
    // One of the members has left WhatsApp, and no device any more.
    const gone = `4915200002${digit}99`;
    const group = talk.world.sandbox.group({ subject: 'Club', owner: talk.ana, participants: [talk.phone, gone] });
    talk.world.sandbox.absent(gone);
    const toAll = () => talk.send('/api/sendText', { chatId: group.jid, text: 'to all' });
    expect((await toAll()).status).toBe(201);
    await talk.delivered('/api/sendText', { text: 'while it answers' });
    silence(xmlns);
    // Each of them would hold the lock for as long as anybody waits for it.
    const strangers = [1, 2, 3].map((number) =>
      talk.send('/api/sendText', { chatId: `49152000021${digit}${number}@c.us`, text: 'unknown' }),
    );
    for (const text of ['one', 'two', 'three']) await talk.delivered('/api/sendText', { text });
    expect((await toAll()).status).toBe(201);
    for (const answer of await Promise.all(strangers)) expect(answer).toMatchObject(silent);
  });

  it('keeps nobody waiting for the members of a group that is not known', async () => {
    await talk.delivered('/api/sendText', { text: 'while it answers' });
    silence('w:g2');
    const unknown = [1, 2].map((digit) =>
      talk.send('/api/sendText', { chatId: `12036300000000000${digit}@g.us`, text: 'unknown' }),
    );
    for (const text of ['one', 'two', 'three']) await talk.delivered('/api/sendText', { text });
    for (const answer of await Promise.all(unknown)) expect(answer).toMatchObject(silent);
  });

  it('has a phone that cannot decrypt a message answered, and that one alone', async () => {
    const { sandbox } = talk.world;
    const [carl, dora] = ['4915200002031', '4915200002032'];
    const group = sandbox.group({ subject: 'Choir', owner: talk.ana, participants: [talk.phone, carl, dora] });
    const toAll = (text: string) => talk.send('/api/sendText', { chatId: group.jid, text });
    expect((await toAll('before')).status).toBe(201);
    await sandbox.contact(carl).waitForMessage(({ text }) => text === 'before');
    // Nobody tells the session that the phone is another one.
    sandbox.phone('4915200002033').tell({ kind: 'identity', of: carl });
    silence();
    const written: string[] = [];
    sandbox.on('outbound', ({ id, to }) => void written.push(`${id} ${to}`));
    const { body } = await toAll('once more');
    await sandbox.contact(carl).waitForMessage(({ text }) => text === 'once more');
    await talk.delivered('/api/sendText', { text: 'not held up' });
    expect(written.filter((one) => one.startsWith(body.key.id))).toHaveLength(2);
  });

  it('is answered by a new connection, too, which goes by the devices of before', async () => {
    silence();
    const { api, hooks } = talk.world;
    const from = await talk.world.mark();
    await api.post(`/api/sessions/${talk.session}/restart`);
    await hooks.status(talk.session, 'WORKING', from);
    await talk.delivered('/api/sendText', { text: 'after a restart' });
  });
});

describe('a server that does not answer about the app state', () => {
  const talk = conversation({ baileys });

  it('has an archive refused in time, and hinders no message', async () => {
    const { sandbox, api } = talk.world;
    await talk.delivered('/api/sendText', { text: 'before' });
    sandbox.faults.set({ kind: 'unanswered', xmlns: 'w:sync:app:state' });
    const chat = `/api/${talk.session}/chats/${encodeURIComponent(talk.chatId)}`;
    const archive = api.post(`${chat}/archive`);
    await talk.delivered('/api/sendText', { text: 'meanwhile' });
    await talk.hear('meanwhile, too');
    expect(await archive).toMatchObject(silent);
    sandbox.faults.clear();
    await expect.poll(async () => (await api.post(`${chat}/archive`)).status).toBeLessThan(300);
  });

  it('has every change of several refused, and does none of them afterwards', async () => {
    const { sandbox, api } = talk.world;
    const chat = `/api/${talk.session}/chats/${encodeURIComponent(talk.chatId)}`;
    const account = sandbox.phone(talk.phone).appState;
    const { full } = await talk.hear('worth a star');
    await talk.delivered('/api/sendText', { text: 'before' });
    const before = await account.entries();
    sandbox.faults.set({ kind: 'unanswered', xmlns: 'w:sync:app:state' });
    const star = JSON.stringify({ session: talk.session, chatId: talk.chatId, messageId: full, star: true });
    const changes = Promise.all([
      api.post(`${chat}/unarchive`),
      api.post(`${chat}/unread`),
      api.call('PUT', '/api/star', star),
      api.call('PUT', `/api/${talk.session}/profile/name`, JSON.stringify({ name: 'Other' })),
    ]);
    await talk.delivered('/api/sendText', { text: 'meanwhile' });
    for (const answer of await changes) expect(answer).toMatchObject(silent);
    sandbox.faults.clear();
    await expect.poll(async () => (await api.post(`${chat}/unarchive`)).status).toBeLessThan(300);
    const after = (await account.entries()).filter(({ index }) => index[0] !== 'archive');
    expect(after).toEqual(before.filter(({ index }) => index[0] !== 'archive'));
  });
});

describe('a server that does not answer about privacy', () => {
  const talk = conversation({ baileys });

  it('has marking as read refused in time, for receipts depend on it', async () => {
    const { sandbox, api, hooks } = talk.world;
    const { full } = await talk.hear('read me');
    // What was answered before is remembered for as long as the connection lasts.
    await api.post(`/api/sessions/${talk.session}/stop`);
    sandbox.faults.set({ kind: 'unanswered', xmlns: 'privacy' });
    const from = await talk.world.mark();
    await api.post(`/api/sessions/${talk.session}/start`);
    await hooks.status(talk.session, 'WORKING', from);
    const seen = { chatId: talk.chatId, messageIds: [full] };
    expect(await talk.send('/api/sendSeen', seen)).toMatchObject(silent);
    sandbox.faults.clear();
    expect((await talk.send('/api/sendSeen', seen)).status).toBe(201);
  });
});

describe('a server that answers no query', () => {
  const talk = conversation({ config: { noweb: { store: { enabled: true } } }, baileys });
  const spaces = ['blocklist', 'newsletter', 'privacy', 'status', 'usync', 'w:g2', 'w:mex', 'w:profile:picture'];

  it('has every change, list and check refused in time, and takes none of them for done', async () => {
    const { sandbox, api } = talk.world;
    const { full } = await talk.hear('before');
    const owner = sandbox.phone(talk.phone).number;
    const group = sandbox.group({ subject: 'Club', owner, participants: [talk.ana] });
    await talk.next('group.v2.join', () => true);
    for (const xmlns of [...spaces, 'w:sync:app:state', 'encrypt']) sandbox.faults.set({ kind: 'unanswered', xmlns });
    const { session, chatId, ana } = talk;
    const news = `/api/${session}/channels/123123123@newsletter`;
    const club = `/api/${session}/groups/${group.jid}`;
    const chat = `/api/${session}/chats/${chatId}`;
    const target = { session, chatId, messageId: full };
    const file = { mimetype: 'image/png', data: png };
    const calls: readonly (readonly [method: string, path: string, body?: object])[] = [
      ['POST', '/api/sendText', { session, chatId, text: 'x' }],
      ['POST', '/api/sendImage', { session, chatId, file }],
      ['POST', '/api/forwardMessage', target],
      ['PUT', '/api/reaction', { ...target, reaction: '👍' }],
      ['PUT', '/api/star', { ...target, star: true }],
      ['POST', '/api/contacts/block', { session, contactId: chatId }],
      ['GET', `/api/contacts/check-exists?session=${session}&phone=${ana}`],
      ['GET', `/api/contacts/about?session=${session}&contactId=${chatId}`],
      ['GET', `/api/contacts/profile-picture?session=${session}&contactId=${chatId}`],
      ...['archive', 'unarchive', 'unread'].map((act) => ['POST', `${chat}/${act}`] as const),
      ['GET', `/api/${session}/profile`],
      ['PUT', `/api/${session}/profile/name`, { name: 'x' }],
      ['PUT', `/api/${session}/profile/status`, { status: 'x' }],
      ['PUT', `/api/${session}/profile/picture`, { file }],
      ['DELETE', `/api/${session}/profile/picture`],
      ['GET', `/api/${session}/channels`],
      ['POST', `/api/${session}/channels/search/by-text`, { text: 'x' }],
      ['GET', news],
      ['GET', `/api/${session}/groups/join-info?code=1234567890abcdef`],
      ['GET', `${club}/invite-code`],
      ['GET', `${club}/participants/join-requests`],
    ];
    const answers = calls.map(async ([method, path, body]) => {
      const text = method === 'GET' || method === 'DELETE' ? undefined : JSON.stringify(body ?? {});
      return [method, path, await api.call(method, path, text)];
    });
    expect(await Promise.all(answers)).toEqual(
      calls.map(([method, path]) => [method, path, expect.objectContaining(silent)]),
    );
    sandbox.faults.clear();
    await talk.delivered('/api/sendText', { text: 'afterwards' });
  });
});
