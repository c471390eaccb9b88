import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Channel } from '../../plugins/sandbox/newsletters/channel.ts';
import { png } from '../support/conversation.ts';
import { apiKey, hmacKey } from '../support/deployment.ts';
import { World } from '../support/world.ts';

const phone = '4915200013001';
const [ana, ben] = ['4915200013002', '4915200013003'] as const;
const session = 'shop';
const path = `/api/${session}/channels`;

let world: World;
let news: Channel;
beforeAll(async () => {
  world = await World.start({ baileys: { queryTimeoutMs: 5000 }, files: {} });
  world.sandbox.phone(phone, { name: 'Shop' });
  const webhooks = [{ url: `${world.hooks.url}?own`, events: ['engine.event'], hmac: { key: hmacKey } }];
  await world.link(session, phone, { webhooks });
  news = world.sandbox.channels.create({
    ...{ name: 'City News', description: 'All day', owner: ana, verified: true, category: 'NEWS' },
    ...{ followers: [ben], picture: '/v/t61/news.jpg' },
  });
  news.strangers = 1000;
});
afterEach(() => void world.sandbox.faults.clear());
afterAll(() => world.close());

const shown = (more: object = {}) => ({
  ...{
    id: news.jid,
    name: 'City News',
    description: 'All day',
    invite: `https://whatsapp.com/channel/${news.inviteCode}`,
  },
  ...{ preview: 'https://pps.whatsapp.net/v/t61/news.jpg', picture: 'https://pps.whatsapp.net/v/t61/news.jpg' },
  ...{ verified: true, subscribersCount: 1001 },
  ...more,
});

describe('a channel', () => {
  it('is found by its id, the code of its invitation and its link', async () => {
    const link = encodeURIComponent(`https://whatsapp.com/channel/${news.inviteCode}`);
    for (const name of [news.jid, news.inviteCode, link]) {
      const answer = await world.api.get(`${path}/${name}`);
      expect([answer.status, answer.body]).toEqual([200, shown({ role: 'GUEST' })]);
    }
  });

  it('is followed, muted, listed and left', async () => {
    expect((await world.api.get(path)).body).toEqual([]);
    const post = async (what: string, name = news.jid) => (await world.api.post(`${path}/${name}/${what}`)).status;
    expect(await post('follow', news.inviteCode)).toBe(201);
    expect(news.members.get(phone)).toBe('SUBSCRIBER');
    expect((await world.api.get(path)).body).toEqual([shown({ role: 'SUBSCRIBER', subscribersCount: 1002 })]);
    expect((await world.api.get(`${path}?role=OWNER`)).body).toEqual([]);
    expect([await post('mute'), news.muted.has(phone)]).toEqual([201, true]);
    expect([await post('unmute'), news.muted.has(phone)]).toEqual([201, false]);
    expect([await post('unfollow'), news.members.has(phone)]).toEqual([201, false]);
    expect((await world.api.get(path)).body).toEqual([]);
  });

  it('of our own is made without a picture or with one, and deleted', async () => {
    const plain = await world.api.post(path, { name: 'Offers' });
    expect([plain.status, plain.body]).toEqual([
      201,
      expect.objectContaining({ name: 'Offers', role: 'OWNER', picture: null, subscribersCount: 0, verified: false }),
    ]);
    const seen = await world.api.post(path, {
      name: 'Deals',
      description: 'Cheap',
      picture: { data: png, mimetype: 'image/png' },
    });
    expect([seen.status, seen.body.description]).toEqual([201, 'Cheap']);
    expect(seen.body.picture).toMatch(/^https:\/\/pps\.whatsapp\.net\/v\//);
    expect((await world.api.get(`${path}?role=OWNER`)).body).toHaveLength(2);
    expect((await world.api.delete(`${path}/${seen.body.id}`)).status).toBe(200);
    expect((await world.api.get(`${path}/${seen.body.id}`)).status).toBe(404);
    expect((await world.api.get(path)).body).toHaveLength(1);
    const foreign = await world.api.delete(`${path}/${news.jid}`);
    expect([foreign.status, foreign.body.message]).toEqual([403, 'the account may not do this with the channel']);
  });

  it('shows its newest posts, with reactions and views, to who does not follow it', async () => {
    for (let number = 1; number <= 12; number++) news.post(ana, `Story ${number}`);
    const last = news.posts.at(-1);
    if (last) last.views = 77;
    for (const [number, code] of [
      [ben, '👍'],
      ['4915200013009', '👍'],
      [ana, '🎉'],
    ] as const)
      news.react(number, last?.serverId ?? 0, code);
    for (const name of [news.jid, news.inviteCode]) {
      const { status, body } = await world.api.get(`${path}/${name}/messages/preview`);
      expect([status, body.length]).toEqual([200, 10]);
      expect(body.at(-1)).toEqual({
        message: expect.objectContaining({
          id: `false_${news.jid}_${last?.id}`,
          from: news.jid,
          body: 'Story 12',
          fromMe: false,
        }),
        reactions: { '👍': 2, '🎉': 1 },
        viewCount: 77,
      });
    }
    expect((await world.api.get(`${path}/${news.jid}/messages/preview?limit=3`)).body).toHaveLength(3);
  });
});

describe('posts', () => {
  const told = async (name: string, accept: (payload: Record<string, unknown>) => boolean) =>
    (await world.hooks.next(name, ({ payload }) => accept(payload as Record<string, unknown>))).payload as Record<
      string,
      unknown
    >;

  it('of others come as messages, and their edits and revocations as such', async () => {
    await world.api.post(`${path}/${news.jid}/follow`);
    const { id, serverId } = news.post(ana, 'Rain');
    const full = `false_${news.jid}_${id}`;
    expect(await told('message', ({ body }) => body === 'Rain')).toMatchObject({
      id: full,
      from: news.jid,
      fromMe: false,
    });
    news.change(id, 'Sun');
    expect(await told('message.edited', ({ body }) => body === 'Sun')).toMatchObject({
      editedMessageId: id,
      from: news.jid,
    });
    const answer = await world.api.put('/api/reaction', { session, messageId: full, reaction: '☀️' });
    expect(answer.status).toBe(200);
    expect(news.posts.find((post) => post.serverId === serverId)?.reactions.get(phone)).toBe('☀️');
    const bySever = await world.api.put('/api/reaction', {
      session,
      messageId: `false_${news.jid}_${serverId}`,
      reaction: '',
    });
    expect([bySever.status, news.posts.find((post) => post.serverId === serverId)?.reactions.has(phone)]).toEqual([
      200,
      false,
    ]);
    news.change(id, null);
    await told('message.revoked', ({ revokedMessageId }) => revokedMessageId === id);
    const unknown = await world.api.put('/api/reaction', {
      session,
      messageId: `false_${news.jid}_3EB0FF`,
      reaction: 'x',
    });
    expect(unknown.status).toBe(422);
  });

  it('of our own are read by followers, edited, taken back, and refused where we do not run the channel', async () => {
    const { body: made } = await world.api.post(path, { name: 'Ours' });
    const ours = world.sandbox.channels.find(made.id);
    const sent = await world.api.post('/api/sendText', {
      session,
      chatId: made.id,
      text: 'Hello all',
      linkPreview: false,
    });
    expect([sent.status, ours?.posts.map(({ message }) => message.extendedTextMessage?.text)]).toEqual([
      201,
      ['Hello all'],
    ]);
    const url = `/api/${session}/chats/${made.id}/messages/${sent.body.id}`;
    expect((await world.api.put(url, { text: 'Hello everybody' })).status).toBe(200);
    const { body: shownNow } = await world.api.get(`${path}/${made.id}/messages/preview`);
    expect(shownNow.map(({ message }: { message: object }) => message)).toEqual([
      expect.objectContaining({ id: sent.body.id, body: 'Hello everybody', fromMe: true }),
    ]);
    await told('message.edited', ({ body }) => body === 'Hello everybody');
    expect((await world.api.delete(url)).status).toBe(200);
    expect(ours?.posts[0]?.message).toEqual({});
    const foreign = await world.api.post('/api/sendText', { session, chatId: news.jid, text: 'Mine' });
    expect([foreign.status, foreign.body.code]).toEqual([422, 403]);
  });

  it('with files go out in clear with the handle of their upload, and come in with their file', async () => {
    const ours = world.sandbox.channels.list().find(({ options }) => options.name === 'Ours');
    const picture = { data: png, mimetype: 'image/png', filename: 'a.png' };
    const body = { session, chatId: ours?.jid, file: picture, caption: 'Look' };
    const sent = await world.api.post('/api/sendImage', body);
    expect([sent.status, sent.body.body]).toEqual([201, 'Look']);
    const posted = ours?.posts.at(-1)?.message.imageMessage;
    expect(posted).toMatchObject({ caption: 'Look', mimetype: 'image/png' });
    expect(posted?.mediaKey?.length ?? 0).toBe(0);
    expect(posted?.jpegThumbnail?.length).toBeGreaterThan(0);
    const { body: shown } = await world.api.get(`${path}/${ours?.jid}/messages/preview?limit=1&downloadMedia=true`);
    expect(shown[0].message).toMatchObject({ id: sent.body.id, hasMedia: true, media: { mimetype: 'image/png' } });
    const bytes = Buffer.from(
      await (await fetch(shown[0].message.media.url, { headers: { 'x-api-key': apiKey } })).arrayBuffer(),
    );
    expect(bytes).toEqual(Buffer.from(png, 'base64'));
    const seen = told('message', ({ body }) => body === 'Storm');
    news.postFile(ana, { kind: 'image', bytes: Buffer.from(png, 'base64'), mimetype: 'image/png', caption: 'Storm' });
    expect(await seen).toMatchObject({ hasMedia: true, media: { mimetype: 'image/png', error: null } });
  });

  it('of our own are reacted to by the number that the server gave them', async () => {
    const ours = world.sandbox.channels.list().find(({ options }) => options.name === 'Ours');
    const { body } = await world.api.post('/api/sendText', { session, chatId: ours?.jid, text: 'Like me' });
    const answer = await world.api.put('/api/reaction', { session, messageId: body.id, reaction: '👍' });
    expect([answer.status, ours?.posts.at(-1)?.reactions.get(phone)]).toEqual([200, '👍']);
  });

  it('that are seen and reacted to are told as events of the engine, and so is who follows', async () => {
    const engine = (event: string, accept: (data: Record<string, unknown>) => boolean) =>
      world.hooks.next('engine.event', ({ payload }) => {
        const said = payload as { event: string; data: Record<string, unknown> };
        return said.event === event && accept(said.data);
      });
    const { serverId } = news.post(ana, 'Count');
    news.view(serverId, 12);
    await engine('newsletter.view', ({ server_id, count }) => server_id === String(serverId) && count === 12);
    news.react(ben, serverId, '🎉');
    await engine('newsletter.reaction', ({ reaction }) => (reaction as { code?: string }).code === '🎉');
    news.enroll(phone, undefined);
    await engine('newsletter-settings.update', ({ id }) => id === news.jid);
    news.enroll(phone, 'SUBSCRIBER');
  });

  it('that our phone writes are our own', async () => {
    const ours = world.sandbox.channels.list().find(({ options }) => options.name === 'Ours');
    ours?.post(phone, 'From the phone');
    expect(await told('message.any', ({ body }) => body === 'From the phone')).toMatchObject({
      fromMe: true,
      source: 'app',
    });
  });
});

describe('the directory', () => {
  it('is looked through by view and by words, page by page', async () => {
    for (const name of ['Sea Weather', 'Land Weather', 'Air Weather'])
      world.sandbox.channels.create({ name, owner: ben, country: 'DE', category: 'NEWS' });
    const byText = (more: object) => world.api.post(`${path}/search/by-text`, { text: 'weather', ...more });
    const first = await byText({ limit: 2 });
    expect([first.status, first.body.channels.map((one: { name: string }) => one.name)]).toEqual([
      200,
      ['Sea Weather', 'Land Weather'],
    ]);
    expect(first.body.page).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    expect(first.body.channels[0]).not.toHaveProperty('role');
    const second = await byText({ limit: 2, startCursor: first.body.page.endCursor });
    expect(second.body.channels).toHaveLength(1);
    expect(second.body.page).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    expect((await byText({ categories: ['SPORTS'] })).body.channels).toEqual([]);
    const byView = await world.api.post(`${path}/search/by-view`, {
      view: 'RECOMMENDED',
      countries: ['DE'],
      categories: ['NEWS'],
    });
    expect([byView.status, byView.body.channels.length]).toEqual([200, 3]);
  });

  it('says what it can be asked for', async () => {
    const list = async (name: string) => (await world.api.get(`${path}/search/${name}`)).body;
    expect(await list('views')).toContainEqual({ value: 'RECOMMENDED', name: 'Explore' });
    expect(await list('countries')).toContainEqual({ code: 'US', name: 'United States' });
    expect(await list('categories')).toContainEqual({ value: 'BUSINESS', name: 'Business' });
  });
});

it('what is no channel, or not to be had, is refused', async () => {
  news.members.delete(phone);
  const cases: [Promise<{ status: number; body: { message: unknown } }>, number, RegExp][] = [
    [world.api.get(`${path}/120363999999999999@newsletter`), 404, /^there is no channel/],
    [world.api.get(`${path}/0029VaNOSUCHCODE`), 404, /^there is no channel/],
    [world.api.get(`${path}/a%20b`), 400, /^id must be/],
    [world.api.get(`${path}/${ana}@c.us`), 400, /^id must be/],
    [world.api.post(`${path}/120363999999999999@newsletter/follow`), 404, /no such channel/],
    [world.api.post(`${path}/0029VaNOSUCHCODE/mute`), 404, /^there is no channel/],
    [world.api.delete(`${path}/120363999999999999@newsletter`), 404, /no such channel/],
    [world.api.get(`${path}/0029VaNOSUCHCODE/messages/preview`), 404, /^there is no channel/],
    [world.api.post(`${path}/${news.jid}/mute`), 403, /may not do this/],
    [world.api.post(path, { name: '' }), 400, /name/],
    [world.api.get('/api/nope/channels'), 404, /nope/],
  ];
  for (const [call, status, sentence] of cases) {
    const answer = await call;
    expect([[answer.body.message].flat()[0], answer.status]).toEqual([expect.stringMatching(sentence), status]);
  }
});

it('nothing is done, and 503 said in time, while WhatsApp does not answer', async () => {
  world.sandbox.faults.set({ kind: 'unanswered', xmlns: 'w:mex' });
  const before = world.sandbox.channels.list().length;
  const answers = await Promise.all([
    world.api.get(path),
    world.api.post(path, { name: 'Lost' }),
    world.api.get(`${path}/${news.jid}`),
    world.api.delete(`${path}/${news.jid}`),
    ...['follow', 'unfollow', 'mute', 'unmute'].map((what) => world.api.post(`${path}/${news.jid}/${what}`)),
    world.api.post(`${path}/search/by-text`, { text: 'weather' }),
    world.api.post(`${path}/search/by-view`, { view: 'RECOMMENDED', countries: ['DE'], categories: [] }),
    world.api.get(`/api/sessions/${session}/capping`),
    world.api.get(`/api/sessions/${session}/timelock`),
  ]);
  world.sandbox.faults.clear();
  world.sandbox.faults.set({ kind: 'unanswered', xmlns: 'newsletter' });
  answers.push(await world.api.get(`${path}/${news.jid}/messages/preview`));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 503));
  expect([world.sandbox.channels.list().length, news.deleted]).toEqual([before, false]);
});
