import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { lidJid, pnJid } from '../../plugins/sandbox/wire/jids.ts';
import { png } from '../support/conversation.ts';
import { World } from '../support/world.ts';

const phone = '4915200012001';
const [ana, ben, cleo] = ['4915200012002', '4915200012003', '4915200012004'] as const;
const session = 'shop';
const status = 'status@broadcast';

let world: World;
beforeAll(async () => {
  world = await World.start({ sandbox: { addressing: 'lid' } });
  const { account } = world.sandbox.phone(phone, { name: 'Shop' });
  for (const [number, fullName] of [
    [ana, 'Ana'],
    [ben, 'Ben'],
  ] as const)
    await account.change({ contact: { fullName, lidJid: lidJid(number) } }, pnJid(number));
  await world.link(session, phone, { noweb: { store: { enabled: true, fullSync: false } } });
  await world.link('bare', '4915200012009');
});
afterEach(() => void world.sandbox.faults.clear());
afterAll(() => world.close());

const post = (what: string, body: object, name = session) => world.api.post(`/api/${name}/status/${what}`, body);
const contact = (number: string) => world.sandbox.contact(number);
const seen = (number: string, id: string) => contact(number).waitForMessage((message) => message.id === id);
const bareOf = (answer: { body: { key: { id: string } } }) => answer.body.key.id;
const own = (id: string) => contact(phone).ownMessages.wait((message) => message.id === id);
const has = (number: string, id: string) => contact(number).inbox.some((message) => message.id === id);

it('the store has the contacts of the phone', async () => {
  const names = async () =>
    (await world.api.get(`/api/contacts/all?session=${session}`)).body.map((one: { name: string }) => one.name);
  await expect.poll(names).toEqual(expect.arrayContaining(['Ana', 'Ben']));
});

describe('a status', () => {
  it.each([
    ['sendText', { text: 'hi' }],
    ['sendImage', { file: { data: png, mimetype: 'image/png' }, caption: 'hi' }],
    ['sendPoll', { poll: { name: 'hi', options: ['a', 'b'] } }],
  ])('is also what is sent to the chat of statuses, with %s', async (operation, body) => {
    const send = (name: string) => world.api.post(`/api/${operation}`, { session: name, chatId: status, ...body });
    const answer = await send(session);
    expect([answer.status, answer.body]).toEqual([201, expect.objectContaining({ to: status, ack: 1 })]);
    for (const number of [ana, ben]) expect((await seen(number, bareOf(answer))).chat).toBe(status);
    // Without contacts it would go to nobody.
    expect(await send('bare')).toMatchObject({
      status: 422,
      body: { message: expect.stringMatching(/^contacts must/) },
    });
  });

  it('of text is seen by those who are named and on our own phone, and by nobody else', async () => {
    const contacts = [`${ana}@c.us`, ben];
    const answer = await post('text', { text: 'Open today', backgroundColor: '#38b42f', font: 2, contacts });
    expect([answer.status, answer.body]).toEqual([
      201,
      expect.objectContaining({ from: status, fromMe: true, source: 'api', body: 'Open today', ack: 1 }),
    ]);
    expect(answer.body.key).toMatchObject({ remoteJid: status, fromMe: true });
    for (const number of [ana, ben]) {
      const { chat, message } = await seen(number, bareOf(answer));
      expect(chat).toBe(status);
      expect(message.extendedTextMessage).toMatchObject({ text: 'Open today', backgroundArgb: 0xff38b42f, font: 2 });
    }
    await own(bareOf(answer));
    expect(has(cleo, bareOf(answer))).toBe(false);
    await world.hooks.next('message.any', ({ payload }) => (payload as { id: string }).id === answer.body.id);
    const readBy =
      (lid: string) =>
      ({ payload }: { payload: unknown }) =>
        (payload as { id: string }).id === answer.body.id && (payload as { participant: string }).participant === lid;
    for (const number of [ana, ben]) await world.hooks.next('message.ack.group', readBy(lidJid(number)));
  });

  it('goes to the contacts of the store, as the owner limits them, and says by which setting', async () => {
    const { profile } = contact(phone);
    const cases = [
      ['contacts', [], [ana, ben], 'contacts'],
      ['blacklist', [ana], [ben], 'denylist'],
      ['whitelist', [ana, cleo], [ana], 'allowlist'],
    ] as const;
    for (const [type, numbers, readers, said] of cases) {
      profile.showStatusesTo({ type, numbers });
      const written = world.sandbox.next('outbound', ({ to }) => to === status);
      const answer = await post('text', { text: type, contacts: null });
      expect((await written).statusSetting).toBe(said);
      expect(answer.status).toBe(201);
      for (const number of readers) await seen(number, bareOf(answer));
      await own(bareOf(answer));
      expect([ana, ben, cleo].filter((number) => has(number, bareOf(answer)))).toEqual(readers);
    }
    profile.showStatusesTo({ type: 'contacts', numbers: [] });
  });

  it('goes to somebody whose hidden id is not known yet, at the first time', async () => {
    const stranger = '4915200012077';
    const answer = await post('text', { text: 'Hello, you', contacts: [`${stranger}@c.us`] });
    expect(answer.status).toBe(201);
    expect((await seen(stranger, bareOf(answer))).chat).toBe(status);
  });

  it('of a picture and of a voice message is seen with its file', async () => {
    const image = await post('image', { file: { data: png, mimetype: 'image/png' }, caption: 'Look', contacts: [ana] });
    expect(image.status).toBe(201);
    const shown = await seen(ana, bareOf(image));
    expect(shown.message.imageMessage?.caption).toBe('Look');
    expect(contact(ana).download(shown).toString('base64')).toBe(png);
    const data = Buffer.from('OggS').toString('base64');
    const voice = await post('voice', {
      file: { data, mimetype: 'audio/ogg; codecs=opus' },
      convert: false,
      backgroundColor: '#112233',
      contacts: [ana],
    });
    expect(voice.status).toBe(201);
    const heard = await seen(ana, bareOf(voice));
    expect(heard.message.audioMessage).toMatchObject({ ptt: true, backgroundArgb: 0xff112233 });
  });

  it('is sent under an id that was made before, and once for one key', async () => {
    const { body } = await world.api.get(`/api/${session}/status/new-message-id`);
    const answer = await post('text', { id: body.id, text: 'Known', contacts: [ana] });
    expect(bareOf(answer)).toBe(body.id);
    await seen(ana, body.id);
    const request = JSON.stringify({ text: 'Once', contacts: [ana] });
    const twice = await Promise.all(
      [1, 2].map(() => world.api.call('POST', `/api/${session}/status/text`, request, { 'idempotency-key': 'k1' })),
    );
    expect(new Set(twice.map(bareOf)).size).toBe(1);
  });

  it('is taken back from those who saw it', async () => {
    const sent = await post('text', { text: 'Oops', contacts: [ana] });
    await seen(ana, bareOf(sent));
    const answer = await post('delete', { id: sent.body.id, contacts: [ana] });
    expect([answer.status, bareOf(answer) === bareOf(sent)]).toEqual([201, false]);
    const revoked = await seen(ana, bareOf(answer));
    expect(revoked.message.protocolMessage).toMatchObject({ type: 0, key: { id: bareOf(sent), fromMe: true } });
    await world.hooks.next('message.revoked', ({ payload }) => JSON.stringify(payload).includes(bareOf(sent)));
  });

  it('that WhatsApp refuses is an error', async () => {
    world.sandbox.faults.set({ kind: 'refuse-message', code: 479, times: 1 });
    const answer = await post('text', { text: 'No', contacts: [ana] });
    expect([answer.status, answer.body.code]).toEqual([422, 479]);
  });

  it('for nobody, or wrongly made, is refused before anything is sent', async () => {
    const nobody = '4915200012999';
    world.sandbox.absent(nobody);
    const cases: [Promise<{ status: number; body: { message: unknown } }>, number, RegExp][] = [
      [post('text', { text: 'x', contacts: [] }), 422, /^contacts: there is nobody/],
      [post('text', { text: 'x' }, 'bare'), 422, /^contacts must be given/],
      [post('text', { text: 'x', contacts: [nobody] }), 422, /^contacts: nobody has/],
      [post('text', { text: 'x', contacts: [phone] }), 422, /^contacts: there is nobody/],
      [post('text', { text: 'x', contacts: ['1@g.us'] }), 400, /^contacts\[0\]/],
      [post('text', { text: '', contacts: [ana] }), 400, /^text must not be empty/],
      [post('text', { text: 'x', backgroundColor: 'red', contacts: [ana] }), 400, /^backgroundColor/],
      [post('voice', { file: { data: png }, contacts: [ana] }), 422, /file/],
      [post('delete', { contacts: [ana] }), 422, /^id is required/],
      [post('delete', { id: `false_${status}_3EB0A_1001@lid`, contacts: [ana] }), 422, /only your own/],
      [post('delete', { id: `true_${ana}@c.us_3EB0A`, contacts: [ana] }), 400, /^id must be that of a status/],
      [post('text', { text: 'x', contacts: [ana] }, 'nope'), 404, /nope/],
    ];
    for (const [call, code, sentence] of cases) {
      const answer = await call;
      expect([[answer.body.message].flat()[0], answer.status]).toEqual([expect.stringMatching(sentence), code]);
    }
  });
});

it('a status of a contact comes as a message, and a reaction to it reaches its author', async () => {
  const { id } = await contact(ana).sendToMany(status, phone, 'Holidays');
  const event = await world.hooks.next('message', ({ payload }) => (payload as { body: string }).body === 'Holidays');
  const full = `false_${status}_${id}_${lidJid(ana)}`;
  expect(event.payload).toMatchObject({ id: full, from: status, participant: lidJid(ana), fromMe: false });
  const answer = await world.api.put('/api/reaction', { session, messageId: full, reaction: '🌴' });
  expect(answer.status).toBe(200);
  const { message } = await contact(ana).waitForMessage((one) => one.message.reactionMessage?.key?.id === id);
  expect(message.reactionMessage?.text).toBe('🌴');
  expect(contact(ben).inbox.some((one) => one.message.reactionMessage)).toBe(false);
});
