import { generateProfilePicture } from '@whiskeysockets/baileys';
import { Agent, fetch } from 'undici';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AppStateEntry } from '../../plugins/sandbox/sandbox.ts';
import { conversation, png } from '../support/conversation.ts';

const talk = conversation();
const { session, phone, ana, chatId } = talk;
const jid = `${ana}@s.whatsapp.net`;

const account = () => talk.world.sandbox.phone(phone).account;
const own = () => talk.world.sandbox.contact(phone);
const get = (path: string) => talk.world.api.get(path);
const put = (path: string, body: object) => talk.world.api.put(`/api/${session}${path}`, body);
const post = (path: string, body: object = {}) => talk.world.api.post(path, body);

/** What the phone decrypted of a change that the session made. */
const onPhone = async (kind: string, subject = jid): Promise<AppStateEntry['action']> => {
  const entries = await account().entries();
  return entries.find(({ index }) => index[0] === kind && (index[1] ?? '') === subject)?.action;
};

describe('the own profile', () => {
  it('has a name that the phone learns, and the session shows', async () => {
    expect((await put('/profile/name', { name: 'Corner Shop' })).body).toEqual({ success: true });
    expect((await onPhone('setting_pushName', ''))?.pushNameSetting?.name).toBe('Corner Shop');
    expect((await get(`/api/${session}/profile`)).body).toMatchObject({ id: `${phone}@c.us`, name: 'Corner Shop' });
    expect((await get(`/api/sessions/${session}/me`)).body).toMatchObject({ pushName: 'Corner Shop' });
    await account().change({ pushNameSetting: 'Named on the phone' });
    const renamed = async () => (await get(`/api/${session}/profile`)).body.name;
    await expect.poll(renamed).toBe('Named on the phone');
  });

  it('has an about', async () => {
    expect((await put('/profile/status', { status: 'open till ten 🎉' })).body).toEqual({ success: true });
    expect(own().profile.about).toBe('open till ten 🎉');
  });

  it('has a picture: cut square from base64 and from a URL, and taken away', async () => {
    talk.files.set('/me.png', Buffer.from(png, 'base64'));
    const files = [
      { mimetype: 'image/png', data: png },
      { mimetype: 'image/png', url: `${talk.url}/me.png` },
    ];
    for (const file of files) {
      expect((await put('/profile/picture', { file })).body).toEqual({ success: true });
      const { picture } = own().profile;
      expect(picture?.full.subarray(0, 3).toString('hex')).toBe('ffd8ff');
      const { body } = await get(`/api/${session}/profile`);
      expect(body.picture).toContain(`/${picture?.id}_image.jpg`);
    }
    const removed = await talk.world.api.delete(`/api/${session}/profile/picture`);
    expect([removed.status, removed.body]).toEqual([200, { success: true }]);
    expect(own().profile.picture).toBeUndefined();
    expect((await get(`/api/${session}/profile`)).body.picture).toBeNull();
  });

  it('is refused with a 4xx that says what is wrong', async () => {
    const cases: [string, object, number, RegExp][] = [
      ['/profile/name', { name: '' }, 400, /^name/],
      ['/profile/name', { name: '   ' }, 400, /^name must not be empty/],
      ['/profile/name', { name: 'x'.repeat(26) }, 400, /^name must not be longer than 25/],
      ['/profile/name', {}, 400, /name/],
      ['/profile/status', { status: 'x'.repeat(140) }, 400, /^status must not be longer than 139/],
      ['/profile/picture', {}, 400, /file/],
      ['/profile/picture', { file: { data: 'aGVsbG8=' } }, 422, /^file must be a JPEG, PNG/],
      [
        '/profile/picture',
        { file: { data: Buffer.from('<svg xmlns="x"/>').toString('base64') } },
        422,
        /^file must be/,
      ],
      [
        '/profile/picture',
        { file: { data: Buffer.from('\xff\xd8\xff broken', 'latin1').toString('base64') } },
        422,
        /^file cannot be read/,
      ],
      ['/profile/picture', { file: { url: `${talk.url}/missing` } }, 422, /^file\.url could not be fetched/],
      ['/profile/picture', { file: { url: 'http://169.254.169.254/' } }, 400, /^file\.url/],
      ['/profile/picture', { file: { url: `${talk.url}/huge` } }, 413, /^file\.url: the file is larger than 16 MB/],
    ];
    for (const [path, body, status, sentence] of cases) {
      const answer = await put(path, body);
      expect([path, answer.status]).toEqual([path, status]);
      expect([answer.body.message].flat()[0]).toMatch(sentence);
    }
  });
});

describe('others', () => {
  const picture = async (query = '') =>
    (await get(`/api/contacts/profile-picture?session=${session}&contactId=${ana}${query}`)).body.profilePictureURL;
  let jpeg: Buffer;
  beforeAll(async () => {
    jpeg = (await generateProfilePicture(Buffer.from(png, 'base64'))).img;
  });

  it('have pictures, asked for once until they change', async () => {
    const { sandbox } = talk.world;
    expect(await picture()).toBeNull();
    await talk.contact.setPicture({ full: jpeg });
    await expect.poll(() => picture()).toContain('_image.jpg');
    const url = await picture();
    const dispatcher = new Agent({ connect: { ca: sandbox.endpoint.ca } });
    const answer = await fetch(url, { dispatcher });
    expect(Buffer.from(await answer.arrayBuffer()).equals(jpeg)).toBe(true);
    await dispatcher.close();
    expect((await get(`/api/${session}/chats/${chatId}/picture`)).body).toEqual({ url });
    talk.contact.profile.hide(true);
    expect([await picture(), await picture('&refresh=true')]).toEqual([url, null]);
    talk.contact.profile.hide(false);
  });

  it('say something about themselves, unless they hide it', async () => {
    const about = async () => (await get(`/api/contacts/about?session=${session}&contactId=${chatId}`)).body;
    talk.contact.profile.describe('at the beach', 1_700_000_000);
    expect(await about()).toEqual({ about: 'at the beach' });
    talk.contact.profile.hide(true);
    expect(await about()).toEqual({ about: null });
    talk.contact.profile.hide(false);
  });

  it('are blocked and taken back, on the phone, too', async () => {
    const { profile } = own();
    const body = { session, contactId: chatId };
    expect((await post('/api/contacts/block', body)).status).toBe(201);
    expect([...profile.blocked]).toEqual([ana]);
    const { deliveries } = await talk.contact.send(phone, 'can you hear me?');
    expect(deliveries).toEqual([]);
    expect((await post('/api/contacts/unblock', body)).status).toBe(201);
    expect([...profile.blocked]).toEqual([]);
    await talk.hear('and now?');
  });

  it('get names in the address book', async () => {
    const answer = await put(`/contacts/${chatId}`, { firstName: 'Ana', lastName: 'de la Cruz' });
    expect([answer.status, answer.body]).toEqual([200, { success: true }]);
    expect((await onPhone('contact'))?.contactAction).toMatchObject({ fullName: 'Ana de la Cruz', firstName: 'Ana' });
  });

  it('are checked: ids that are none, numbers that nobody has', async () => {
    const nobody = '4915200009999';
    talk.world.sandbox.absent(nobody);
    const q = `session=${session}&contactId=`;
    const calls: [Promise<{ status: number; body: { message: unknown } }>, number, RegExp][] = [
      [get(`/api/contacts/about?${q}${nobody}`), 422, /^contactId: nobody has/],
      [get(`/api/contacts/about?${q}x@y`), 400, /^contactId must be/],
      [get(`/api/contacts/about?session=${session}`), 400, /contactId/],
      [get(`/api/${session}/chats/oh%20no/picture`), 400, /^chatId must be/],
      [post('/api/contacts/block', { session, contactId: nobody }), 422, /^contactId: nobody has/],
      [post('/api/contacts/block', { session, contactId: '1@g.us' }), 400, /^contactId/],
      [post('/api/contacts/unblock', { session }), 400, /contactId/],
      [put(`/contacts/${chatId}`, { firstName: ' ', lastName: '' }), 400, /^firstName must not be empty/],
      [put(`/contacts/${chatId}`, { firstName: 'x'.repeat(101), lastName: '' }), 400, /^firstName and lastName/],
      [put('/contacts/12345678@g.us', { firstName: 'x', lastName: '' }), 400, /^chatId must be a person/],
      [put('/contacts/999999999999@lid', { firstName: 'x', lastName: '' }), 422, /phone number .* is not known/],
      [post(`/api/${session}/chats/status@broadcast/archive`), 400, /^chatId must be a person or a group/],
      [post(`/api/${session}/chats/nonsense!/unread`), 400, /^chatId must be/],
      [get(`/api/contacts/about?session=nope&contactId=${ana}`), 404, /nope/],
    ];
    for (const [call, status, sentence] of calls) {
      const answer = await call;
      expect([[answer.body.message].flat()[0], answer.status]).toEqual([expect.stringMatching(sentence), status]);
    }
  });
});

describe('what cannot be done now', () => {
  it('is a 422 of the session’s status; what is hidden is null', async () => {
    const { sandbox } = talk.world;
    sandbox.phone('4915200002007');
    const hidden = sandbox.contact('4915200002007');
    hidden.profile.hide(true);
    const { body } = await get(`/api/contacts/profile-picture?session=${session}&contactId=${hidden.number}`);
    expect(body).toEqual({ profilePictureURL: null });
    const stopped = await post('/api/sessions', { name: 'asleep', start: false });
    expect(stopped.status).toBe(201);
    const answers = await Promise.all([
      get('/api/asleep/profile'),
      talk.world.api.put('/api/asleep/profile/name', { name: 'x' }),
      post('/api/asleep/calls/reject', { from: chatId, id: 'A' }),
      post(`/api/asleep/chats/${chatId}/archive`),
      get(`/api/contacts/about?session=asleep&contactId=${ana}`),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([422, 422, 422, 422, 422]);
    expect(answers[0]?.body).toMatchObject({ session: 'asleep', status: 'STOPPED', expected: ['WORKING'] });
  });
});

describe('chats', () => {
  const archived = (archive: boolean, from: number) =>
    talk.world.hooks.next(
      'chat.archive',
      ({ payload }) => (payload as { archived: boolean }).archived === archive,
      from,
    );

  it('go into the archive and come out of it, and the phone sees it', async () => {
    const { address } = talk.contact;
    for (const [name, archive] of [
      ['archive', true],
      ['unarchive', false],
    ] as const) {
      const from = await talk.world.mark();
      const answer = await post(`/api/${session}/chats/${chatId}/${name}`);
      expect([answer.status, answer.body]).toEqual([201, { success: true }]);
      expect((await onPhone('archive', address))?.archiveChatAction?.archived).toBe(archive);
      const { payload } = await archived(archive, from);
      expect(payload).toMatchObject({ id: talk.heardId, identity: { pn: chatId }, archived: archive });
    }
  });

  it('are told of when the phone archives them, once', async () => {
    const { address } = talk.contact;
    const from = await talk.world.mark();
    await account().change({ archive: true, lastMessages: [] }, address);
    expect((await archived(true, from)).payload).toMatchObject({ id: talk.heardId, archived: true });
    await account().change({ archive: false, lastMessages: [] }, address);
    await archived(false, from);
    expect(talk.world.hooks.all.slice(from).filter(({ event }) => event.event === 'chat.archive')).toHaveLength(2);
  });

  it('are marked as unread', async () => {
    const { address } = talk.contact;
    await talk.hear('read me');
    expect((await post(`/api/${session}/chats/${chatId}/unread`)).body).toEqual({ success: true });
    const { markChatAsReadAction: action } = (await onPhone('markChatAsRead', address)) ?? {};
    expect(action).toMatchObject({
      read: false,
      messageRange: { messages: [{ key: { remoteJid: address, fromMe: false } }] },
    });
  });

  it('are changed again when another device was faster', async () => {
    const { address } = talk.contact;
    const change = account().change({ pin: true }, address);
    const answers = await Promise.all([
      change,
      post(`/api/${session}/chats/${chatId}/archive`),
      post(`/api/${session}/chats/${chatId}/unread`),
    ]);
    expect(answers.slice(1).map((answer) => (answer as { status: number }).status)).toEqual([201, 201]);
    expect((await onPhone('pin_v1', address))?.pinAction?.pinned).toBe(true);
    expect((await onPhone('archive', address))?.archiveChatAction?.archived).toBe(true);
  });

  it('keep the stars of their messages', async () => {
    const { full, id } = await talk.hear('worth a star');
    const body = JSON.stringify({ session, chatId, messageId: full, star: true });
    expect((await talk.world.api.call('PUT', '/api/star', body)).status).toBe(200);
    const star = (await account().entries()).find(({ index }) => index[0] === 'star' && index[2] === id);
    expect(star?.action?.starAction?.starred).toBe(true);
  });
});
