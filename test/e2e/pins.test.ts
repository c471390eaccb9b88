import type { proto } from '@whiskeysockets/baileys';
import { expect, it } from 'vitest';
import { conversation } from '../support/conversation.ts';

const talk = conversation({ config: { noweb: { store: { enabled: true } } } });
const { phone, ana, chatId } = talk;
const ben = '4915200002003';
const jid = (number: string) => `${number}@s.whatsapp.net`;

const pin = (key: proto.IMessageKey, type = 1): proto.IMessage => ({
  pinInChatMessage: { key, type, senderTimestampMs: 1 },
  ...(type === 1 ? { messageContextInfo: { messageAddOnDurationInSecs: 86_400 } } : {}),
});

it('what is pinned and unpinned in a chat is told of, with the message and until when', async () => {
  const { sent, bare } = await talk.delivered('/api/sendText', { text: 'the address' });
  const key = { remoteJid: jid(phone), fromMe: false, id: bare };
  await talk.contact.send(phone, pin(key));
  const pinned = await talk.next('message.pinned', () => true);
  expect(pinned).toMatchObject({ pinned: true, pinnedMessageId: sent.id, fromMe: false, from: talk.heardId });
  expect(pinned['expiresAt']).toBe(Number(pinned['timestamp']) + 86_400);
  expect(pinned['fromIdentity']).toMatchObject({ pn: chatId });
  await talk.contact.send(phone, pin(key, 2));
  expect(await talk.next('message.pinned', (payload) => payload['pinned'] === false)).toMatchObject({
    pinnedMessageId: sent.id,
    expiresAt: null,
  });
});

it('what is kept is told of', async () => {
  const { sent, bare } = await talk.delivered('/api/sendText', { text: 'keep this' });
  const key = { remoteJid: jid(phone), fromMe: false, id: bare };
  for (const keepType of [1, 2])
    await talk.contact.send(phone, { keepInChatMessage: { key, keepType, timestampMs: 1 } });
  for (const kept of [true, false])
    expect(await talk.next('message.kept', (payload) => payload['kept'] === kept)).toMatchObject({
      keptMessageId: sent.id,
    });
});

it('a pin of our own is told of as ours', async () => {
  const { full } = await talk.hear('pin me');
  const path = `/api/${talk.session}/chats/${chatId}/messages/${full}/pin`;
  expect((await talk.world.api.post(path, { duration: 604_800 })).status).toBe(201);
  const told = await talk.next('message.pinned', ({ fromMe }) => fromMe === true);
  expect(told).toMatchObject({ pinned: true, pinnedMessageId: full, source: 'api' });
  expect(told['expiresAt']).toBe(Number(told['timestamp']) + 604_800);
});

it('in a group whose settings only admins change, a member pins nothing and an admin does', async () => {
  const { sandbox, hooks } = talk.world;
  const group = sandbox.group({ subject: 'Rules', owner: ana, participants: [phone, ben] });
  const { id } = await talk.contact.send(group.jid, 'the rules');
  await talk.next('message', ({ body }) => body === 'the rules');
  const key = { remoteJid: group.jid, fromMe: false, id, participant: talk.contact.lid };
  const from = await talk.world.mark();
  const pins = () => hooks.all.slice(from).filter(({ event }) => event.event === 'message.pinned');
  await sandbox.contact(ben).send(group.jid, pin(key));
  await expect.poll(pins).toHaveLength(1);
  group.set(ana, 'locked', true);
  await talk.next('group.v2.update', () => true);
  await sandbox.contact(ben).send(group.jid, pin(key));
  await talk.contact.send(group.jid, pin(key));
  await expect.poll(pins).toHaveLength(2);
  expect(pins().at(-1)?.event.payload).toMatchObject({ participantIdentity: { pn: chatId } });
});
