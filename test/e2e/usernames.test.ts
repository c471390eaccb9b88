import { beforeAll, expect, it } from 'vitest';
import { conversation, png } from '../support/conversation.ts';

const talk = conversation({ config: { noweb: { store: { enabled: true } } } });
const username = 'jane.doe_7';
let lid = '';

beforeAll(() => {
  talk.contact.username = username;
  ({ lid } = talk.contact);
});

const arrived = async (answer: { readonly status: number; readonly body: { readonly id: string } }) => {
  expect([answer.status, answer.body]).toEqual([201, expect.objectContaining({ to: lid })]);
  const bare = answer.body.id.split('_').at(-1);
  return talk.contact.waitForMessage(({ id }) => id === bare);
};

it.each([username, `@${username}`, username.toUpperCase()])(
  'a message to the username %s reaches its owner',
  async (chatId) => {
    const answer = await talk.send('/api/sendText', { chatId, text: 'hello' });
    expect(await arrived(answer)).toMatchObject({ text: 'hello' });
    expect(answer.body).toMatchObject({ requestedChatId: username });
  },
);

it('every kind of send takes a username', async () => {
  const file = { mimetype: 'image/png', data: png };
  const kinds: readonly (readonly [string, object])[] = [
    ['sendImage', { file }],
    ['sendFile', { file }],
    ['sendPoll', { poll: { name: 'when?', options: ['a', 'b'] } }],
    ['sendLocation', { latitude: 1, longitude: 2 }],
    ['sendContactVcard', { contacts: [{ fullName: 'Jo', phoneNumber: '+1 234' }] }],
    [
      'sendList',
      { message: { title: 't', button: 'b', sections: [{ title: 's', rows: [{ title: 'r', rowId: '1' }] }] } },
    ],
    ['sendButtons', { body: 'b', buttons: [{ type: 'reply', text: 'ok' }] }],
    ['sendLinkPreview', { url: 'https://example.org', title: 't' }],
  ];
  for (const [path, body] of kinds) await arrived(await talk.send(`/api/${path}`, { chatId: username, ...body }));
  const [first] = talk.contact.inbox;
  const forwarded = await talk.send('/api/forwardMessage', { chatId: username, messageId: first?.id });
  await arrived(forwarded);
});

it('a call is declined by the username of who calls', async () => {
  const id = talk.contact.call(talk.phone);
  await talk.next('call.received', (payload) => payload['id'] === id);
  const path = `/api/${talk.session}/calls/reject`;
  expect((await talk.world.api.post(path, { from: username, id })).status).toBe(201);
});

it('events name the username of who writes', async () => {
  await talk.contact.send(talk.phone, 'it is me');
  const event = await talk.next('message', ({ body }) => body === 'it is me');
  expect(event['fromIdentity']).toMatchObject({ lid, username });
});

it('a username is taken wherever a chat or a person is asked for', async () => {
  const { api } = talk.world;
  const ok = async (method: string, path: string, body?: object) => {
    const answer = await api.call(method, path, body && JSON.stringify({ session: talk.session, ...body }));
    expect([method, path, answer.status < 300, answer.body]).toEqual([method, path, true, answer.body]);
    return answer.body;
  };
  const s = talk.session;
  expect(await ok('GET', `/api/contacts/check-exists?session=${s}&phone=${username}`)).toMatchObject({
    numberExists: true,
    chatId: lid,
  });
  expect(await ok('GET', `/api/${s}/chats/${username}/messages?limit=3`)).not.toEqual([]);
  expect(await ok('GET', `/api/contacts?session=${s}&contactId=${username}`)).not.toBeNull();
  await ok('GET', `/api/contacts/about?session=${s}&contactId=${username}`);
  await ok('GET', `/api/contacts/profile-picture?session=${s}&contactId=${username}`);
  await ok('POST', '/api/sendSeen', { chatId: username });
  await ok('POST', '/api/startTyping', { chatId: username });
  await ok('POST', `/api/${s}/presence/${username}/subscribe`);
  await ok('POST', `/api/${s}/chats/${username}/archive`, {});
  await ok('POST', `/api/${s}/chats/${username}/unarchive`, {});
  await ok('POST', '/api/contacts/block', { contactId: username });
  await ok('POST', '/api/contacts/unblock', { contactId: username });
  await ok('POST', `/api/${s}/status/text`, { text: 'to one', contacts: [username] });
  const group = await ok('POST', `/api/${s}/groups`, { name: 'Named', participants: [{ id: username }] });
  const members = await ok('GET', `/api/${s}/groups/${group.id}/participants/v2`);
  expect(JSON.stringify(members)).toContain(lid);
  const sent = await talk.send('/api/sendText', { chatId: group.id, text: 'look', mentions: [username] });
  expect(sent.body.mentionedIds).toEqual([lid]);
  await ok('POST', `/api/${s}/groups/${group.id}/admin/promote`, { participants: [{ id: username }] });
  await ok('POST', `/api/${s}/groups/${group.id}/participants/remove`, { participants: [{ id: username }] });
});

it('a username that nobody has is refused in every place, and sends nothing', async () => {
  const { api } = talk.world;
  const { status, body } = await talk.send('/api/sendText', { chatId: 'no.body', text: 'x' });
  expect([status, body.message]).toEqual([422, "chatId: nobody has 'no.body' on WhatsApp"]);
  const check = await api.get(`/api/contacts/check-exists?session=${talk.session}&phone=no.body`);
  expect([check.status, check.body]).toEqual([200, expect.objectContaining({ numberExists: false })]);
  const group = await api.post(`/api/${talk.session}/groups`, { name: 'x', participants: [{ id: 'no.body' }] });
  expect([group.status, group.body.message]).toEqual([422, "participants[0].id: nobody has 'no.body' on WhatsApp"]);
  const read = await api.get(`/api/${talk.session}/chats/no.body/messages`);
  expect([read.status, read.body.message]).toEqual([422, "chatId: nobody has 'no.body' on WhatsApp"]);
});

it.each(['undefined', 'null', 'NaN', 'true'])(
  'what programs write where they have no value is no username: %s',
  async (chatId) => {
    expect((await talk.send('/api/sendText', { chatId, text: 'x' })).status).toBe(400);
  },
);
