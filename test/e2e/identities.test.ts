import { createCipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WAMessage } from '../../core/index.ts';
import { Conversation } from '../support/conversation.ts';

const store = { noweb: { store: { enabled: true } } };

/** As a phone seals an answer to a message with the secret of that message. */
const sealed = (purpose: string, [id, creator, author]: readonly string[], secret: Uint8Array, plain: Uint8Array) => {
  const key = Buffer.from(hkdfSync('sha256', secret, '', `${id}${creator}${author}${purpose}`, 32));
  const encIv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, encIv);
  cipher.setAAD(Buffer.from(`${id}\0${author}`));
  const encPayload = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return { encIv, encPayload };
};

describe.each(['lid', 'pn'] as const)('where people go by %s', (addressing) => {
  const talk = new Conversation({ sandbox: { addressing }, config: store });
  const { phone, ana, session } = talk;
  beforeAll(() => talk.start());
  afterAll(() => talk.close());

  const numbers = { ana, ben: '4915200005001', shop: phone };
  type Name = keyof typeof numbers;
  const lidOf = (who: Name) => talk.world.sandbox.contact(numbers[who]).lid;
  const jidOf = (who: Name) => (addressing === 'lid' ? lidOf(who) : `${numbers[who]}@s.whatsapp.net`);
  const idOf = (who: Name) => jidOf(who).replace('@s.whatsapp.net', '@c.us');
  const identity = (who: Name, id = idOf(who)) => ({
    ...{ id, lid: lidOf(who), pn: `${numbers[who]}@c.us`, username: null },
  });
  const group = () =>
    talk.world.sandbox.group({ subject: 'Club', owner: ana, participants: [phone, numbers.ben], addressing });
  const heard = (id: string) => talk.next('message', (payload) => String(payload['id']).includes(id));

  it('mentions, quotes and our own messages in a group say who a person is, live and read back', async () => {
    const { jid } = group();
    const contact = talk.world.sandbox.contact(numbers.ben);
    const contextInfo = {
      mentionedJid: [jidOf('ana'), jidOf('shop')],
      stanzaId: 'QUOTED',
      participant: jidOf('ana'),
      quotedMessage: { conversation: 'before' },
    };
    const { id } = await contact.send(jid, { extendedTextMessage: { text: 'hey', contextInfo } });
    const expected = {
      participantIdentity: identity('ben'),
      mentionedIds: [idOf('ana'), idOf('shop')],
      mentionedIdentities: [identity('ana'), identity('shop')],
      replyTo: { participant: idOf('ana'), participantIdentity: identity('ana') },
    };
    expect(await heard(id)).toMatchObject(expected);
    const path = `/api/${session}/chats/${jid}/messages`;
    const { body: listed } = await talk.world.api.get(`${path}?limit=1`);
    expect(listed).toMatchObject([expected]);

    const own = await talk.send('/api/sendText', { chatId: jid, text: 'ours', mentions: [`${numbers.ben}@c.us`] });
    const ours = {
      participantIdentity: identity('shop', `${phone}@c.us`),
      mentionedIdentities: [identity('ben')],
    };
    expect(own.body).toMatchObject(ours);
    const bare = (own.body as WAMessage).id;
    expect(await talk.next('message.any', (payload) => payload['id'] === bare)).toMatchObject(ours);
    expect((await talk.world.api.get(`${path}/${bare}`)).body).toMatchObject(ours);
  });

  it.each(['in a group', 'in a chat of two'])(
    'a vote and its poll, and an answer to an event, say so, too, %s',
    async (where) => {
      const jid = where === 'in a group' ? group().jid : idOf('ana');
      const asker =
        where === 'in a group'
          ? { participantIdentity: identity('shop', `${phone}@c.us`) }
          : {
              fromIdentity: identity('shop', `${phone}@c.us`),
            };
      const field = where === 'in a group' ? 'participantIdentity' : 'fromIdentity';
      const poll = { name: 'when?', options: ['now', 'later'], multipleAnswers: false };
      const asked = await talk.send('/api/sendPoll', { chatId: jid, poll });
      const bare = (asked.body as WAMessage).id.split('_')[2] ?? '';
      const { message } = await talk.contact.waitForMessage((one) => one.id === bare);
      const secret = message.messageContextInfo?.messageSecret ?? new Uint8Array();
      const hash = createHash('sha256').update('now').digest();
      const vote = sealed(
        'Poll Vote',
        [bare, jidOf('shop'), jidOf('ana')],
        secret,
        proto.Message.PollVoteMessage.encode({ selectedOptions: [hash] }).finish(),
      );
      const pollCreationMessageKey = { remoteJid: jid, id: bare, fromMe: false, participant: jidOf('shop') };
      const to = where === 'in a group' ? jid : phone;
      const { id } = await talk.contact.send(to, { pollUpdateMessage: { pollCreationMessageKey, vote } });
      const told = await talk.next('poll.vote', (payload) => JSON.stringify(payload).includes(id));
      expect(told).toMatchObject({ vote: { [field]: identity('ana'), selectedOptions: ['now'] }, poll: asker });

      const messageSecret = randomBytes(32);
      const invitation = await talk.contact.send(to, {
        eventMessage: { name: 'Dinner' },
        messageContextInfo: { messageSecret },
      });
      await heard(invitation.id);
      const yes = sealed(
        'Event Response',
        [invitation.id, jidOf('ana'), jidOf('ana')],
        messageSecret,
        proto.Message.EventResponseMessage.encode({ response: 1, timestampMs: 1 }).finish(),
      );
      const eventCreationMessageKey = { remoteJid: jid, id: invitation.id, fromMe: true };
      const answer = await talk.contact.send(to, { encEventResponseMessage: { eventCreationMessageKey, ...yes } });
      const going = await talk.next('event.response', (payload) => String(payload['id']).includes(answer.id));
      expect(going).toMatchObject({ [field]: identity('ana'), eventCreationKey: { [field]: identity('ana') } });
    },
  );

  it('chats, contacts, numbers, presences, the archive and labels say so, too', async () => {
    const { api, sandbox } = talk.world;
    const get = async (path: string) => (await api.get(path)).body;
    await talk.hear(`for the lists by ${addressing}`);
    const byNumber = identity('ana', `${ana}@c.us`);
    const shop = identity('shop', `${phone}@c.us`);
    const { fromIdentity, toIdentity } = await talk.next(
      'message',
      ({ body }) => body === `for the lists by ${addressing}`,
    );
    expect([fromIdentity, toIdentity]).toEqual([identity('ana'), shop]);
    const { sent } = await talk.delivered('/api/sendText', { chatId: `${ana}@c.us`, text: 'to a person' });
    expect(sent.toIdentity).toMatchObject({ lid: lidOf('ana'), pn: `${ana}@c.us` });
    expect(await talk.next('message.ack', ({ id }) => id === sent.id)).toMatchObject({ toIdentity: sent.toIdentity });

    const ofAna = (list: readonly { readonly id: string }[]) => list.find(({ id }) => id === `${ana}@c.us`);
    expect(ofAna(await get(`/api/${session}/chats`))).toMatchObject({ identity: byNumber });
    expect(ofAna(await get(`/api/${session}/chats/overview`))).toMatchObject({ identity: byNumber });
    expect(await get(`/api/contacts?session=${session}&contactId=${lidOf('ana')}`)).toMatchObject({
      identity: byNumber,
    });
    expect(ofAna(await get(`/api/contacts/all?session=${session}`))).toMatchObject({ identity: byNumber });
    const found = await get(`/api/contacts/check-exists?session=${session}&phone=${ana}`);
    expect(found).toMatchObject({ numberExists: true, chatIdentity: { lid: lidOf('ana'), pn: `${ana}@c.us` } });
    expect(await get(`/api/${session}/profile`)).toMatchObject({ identity: shop });

    await api.post(`/api/${session}/chats/${ana}@c.us/archive`, {});
    const archived = await talk.next('chat.archive', (payload) => payload['archived'] === true);
    expect(archived['identity']).toMatchObject({ lid: lidOf('ana'), pn: `${ana}@c.us` });
    const { body: label } = await api.post(`/api/${session}/labels`, { name: 'Lead', color: 1 });
    await api.call('PUT', `/api/${session}/labels/chats/${ana}@c.us`, JSON.stringify({ labels: [{ id: label.id }] }));
    const labelled = await talk.next('label.chat.added', () => true);
    expect(labelled['chatIdentity']).toMatchObject({ lid: lidOf('ana'), pn: `${ana}@c.us` });
    expect(await get(`/api/${session}/labels/${label.id}/chats`)).toMatchObject([
      { identity: { lid: lidOf('ana'), pn: `${ana}@c.us` } },
    ]);

    await api.post(`/api/${session}/presence/${ana}@c.us/subscribe`, {});
    sandbox.contact(ana).typing(phone, 'composing');
    const told = await talk.next('presence.update', (payload) => JSON.stringify(payload).includes('typing'));
    expect(told['presences']).toMatchObject([{ participantIdentity: identity('ana') }]);
    const shown = await get(`/api/${session}/presence/${ana}@c.us`);
    // WhatsApp tells of the same person under either name.
    expect(shown.presences).toMatchObject([{ participantIdentity: { lid: lidOf('ana'), pn: `${ana}@c.us` } }]);
  });

  it('every name that an event gives is taken by what sends', async () => {
    await talk.hear(`hello from ${addressing}`);
    for (const chatId of [idOf('ana'), lidOf('ana'), `${ana}@c.us`, `${ana}@s.whatsapp.net`, ana, `+${ana}`]) {
      const { message } = await talk.delivered('/api/sendText', { chatId, text: `to ${chatId}` });
      expect(message.extendedTextMessage?.text).toBe(`to ${chatId}`);
    }
    talk.contact.username = `ana.b.${addressing}`;
    const named = await talk.send('/api/sendText', { chatId: `ana.b.${addressing}`, text: 'by user name' });
    expect([named.status, named.body]).toEqual([201, expect.objectContaining({ body: 'by user name' })]);
  });
});
