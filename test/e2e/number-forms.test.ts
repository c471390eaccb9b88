import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WAMessage } from '../../core/index.ts';
import { World } from '../support/world.ts';

const session = 'forms';
const phone = '4915200004001';
const firstDay = 'first-day';
const otherPhone = '4915200004002';
const store = { noweb: { store: { enabled: true } } };
/** What people dial, and the number that the account has. */
const lines = [
  ['Brazil, one digit too many', '5531988887777', '553188887777'],
  ['Brazil, one digit too few', '551188887777', '5511988887777'],
  ['Mexico, without the 1', '525512345678', '5215512345678'],
  ['Mexico, with the 1', '5215587654321', '525587654321'],
  ['Argentina, without the 9', '541112345678', '5491112345678'],
  ['Argentina, with the 9', '5491187654321', '541187654321'],
] as const;

describe.each(['lid', 'pn'] as const)('where people are addressed by %s', (addressing) => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ sandbox: { addressing } });
    world.sandbox.phone(phone, { name: 'Shop' });
    for (const [, , account] of lines) world.sandbox.contact(account);
    await world.link(session, phone, store);
    await world.link(firstDay, otherPhone, store);
  });
  afterAll(() => world?.close());

  const get = async (path: string) => {
    const { status, body } = await world.api.get(path);
    expect([path, status]).toEqual([path, 200]);
    return body;
  };
  const sent = async (path: string, body: object, method = 'POST') => {
    const answer = await world.api.call(method, path, JSON.stringify({ session, ...body }));
    expect([path, answer.status < 300, answer.body]).toEqual([path, true, answer.body]);
    return answer.body as WAMessage & { requestedChatId?: string };
  };
  const arrived = (account: string, { id }: WAMessage) =>
    world.sandbox.contact(account).waitForMessage((message) => message.id === id.split('_')[2]);

  it.each(lines)(
    '%s: what is sent reaches the person, and the answer says which number that is',
    async (_, dialled, account) => {
      for (const chatId of [`${dialled}@c.us`, dialled]) {
        const answer = await sent('/api/sendText', { chatId, text: 'hello' });
        expect(answer).toMatchObject({ to: `${account}@c.us`, requestedChatId: `${dialled}@c.us` });
        expect(await arrived(account, answer)).toMatchObject({ text: 'hello' });
      }
      const poll = { name: 'when?', options: ['a', 'b'] };
      await arrived(account, await sent('/api/sendPoll', { chatId: `${dialled}@c.us`, poll }));
      expect(world.sandbox.contacts().map(({ number }) => number)).not.toContain(dialled);
    },
  );

  it.each(lines)('%s: what is done to the chat is done to that of the person', async (_, dialled, account) => {
    const contact = world.sandbox.contact(account);
    const first = await sent('/api/sendText', { chatId: dialled, text: 'first' });
    await contact.send(phone, `answer of ${account}`);
    const bare = first.id.split('_')[2] ?? '';
    const chat = `/api/${session}/chats/${dialled}@c.us`;
    await expect
      .poll(async () => ((await get(`${chat}/messages?limit=1`)) as WAMessage[])[0]?.body)
      .toBe(`answer of ${account}`);
    expect(await get(`${chat}/messages/${first.id}`)).toMatchObject({ id: first.id, body: 'first' });
    expect(await get(`/api/contacts?contactId=${dialled}&session=${session}`)).toMatchObject({ number: account });
    expect(await get(`/api/contacts/check-exists?phone=${dialled}&session=${session}`)).toMatchObject({
      chatId: `${account}@c.us`,
    });
    const [summary] = await get(`/api/${session}/chats/overview?ids=${dialled}@c.us`);
    expect(summary.lastMessage.body).toBe(`answer of ${account}`);

    await sent('/api/startTyping', { chatId: dialled });
    await expect.poll(() => contact.seen.at(-1)?.state).toBe('composing');
    // Ids as a client would write them that goes on with the number it dialled.
    await sent('/api/reaction', { messageId: `true_${dialled}@c.us_UNKNOWN${bare}`, reaction: '👍' }, 'PUT');
    const reaction = await contact.waitForMessage(
      ({ message }) => message.reactionMessage?.key?.id === `UNKNOWN${bare}`,
    );
    expect(reaction.message.reactionMessage?.key?.remoteJid).toContain(account);
    const edit = await world.api.call('PUT', `${chat}/messages/true_${dialled}@c.us_${bare}`, '{"text":"second"}');
    expect([edit.status, edit.body]).toEqual([200, expect.objectContaining({ to: `${account}@c.us` })]);
    await arrived(account, edit.body as WAMessage);
    expect((await world.api.post('/api/sendSeen', { session, chatId: dialled })).status).toBe(201);
    expect((await world.api.post(`${chat}/unread`, {})).status).toBe(201);
    const changed = JSON.stringify(await world.sandbox.phone(phone).appState.entries());
    expect([changed.includes(account) || changed.includes(contact.lid), changed.includes(dialled)]).toEqual([
      true,
      false,
    ]);
  });

  it.each(lines)(
    '%s: groups, statuses, mentions and the block list take the number as it is dialled',
    async (_, dialled, account) => {
      // Nothing is known of the number yet in this session.
      const contact = world.sandbox.contact(account);
      const group = (await sent(`/api/${firstDay}/groups`, {
        name: 'Lines',
        participants: [{ id: dialled }],
      })) as unknown as {
        id: string;
      };
      const path = `/api/${firstDay}/groups/${group.id}`;
      const isMember = () =>
        world.sandbox
          .groups()
          .find(({ jid }) => jid === group.id)
          ?.members.get(account);
      expect(isMember()).toBe('member');
      const participants = [{ id: `${dialled}@c.us` }];
      await sent(`${path}/admin/promote`, { participants });
      expect(isMember()).toBe('admin');
      await sent(`${path}/participants/remove`, { participants });
      expect(isMember()).toBeUndefined();
      await sent(`${path}/participants/add`, { participants });
      expect(isMember()).toBe('member');
      const mentioning = await sent('/api/sendText', {
        chatId: group.id,
        session: firstDay,
        text: 'look',
        mentions: [`${dialled}@c.us`],
      });
      const names = [`${account}@c.us`, contact.lid];
      expect(names).toContain((mentioning as unknown as { mentionedIds: string[] }).mentionedIds[0]);
      const status = await sent(`/api/${firstDay}/status/text`, { text: 'new', contacts: [dialled] });
      await arrived(account, status);
      const blocked = world.sandbox.next('block', ({ number }) => number === account);
      await sent('/api/contacts/block', { session: firstDay, contactId: dialled });
      expect(await blocked).toMatchObject({ blocked: true });
      await sent('/api/contacts/unblock', { session: firstDay, contactId: dialled });
      await sent(`/api/${firstDay}/contacts/${dialled}@c.us`, { firstName: 'A', lastName: 'B' }, 'PUT');
      const known = JSON.stringify(await world.sandbox.phone(otherPhone).appState.entries());
      expect([known.includes(`${account}@`), known.includes(dialled)]).toEqual([true, false]);
    },
  );

  it('what was learnt outlives a restart', async () => {
    await world.reboot();
    await expect.poll(async () => (await world.api.get(`/api/sessions/${session}`)).body.status).toBe('WORKING');
    for (const [, dialled, account] of lines) {
      const messages = await get(`/api/${session}/chats/${dialled}/messages?limit=100`);
      expect([dialled, messages.length > 0]).toEqual([dialled, true]);
      const answer = await sent('/api/sendText', { chatId: dialled, text: 'again' });
      expect(await arrived(account, answer)).toMatchObject({ text: 'again' });
    }
  });
});
