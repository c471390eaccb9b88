import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WAMessage } from '../../core/index.ts';
import { Conversation } from '../support/conversation.ts';

const store = { noweb: { store: { enabled: true } } };

describe.each(['lid', 'pn'] as const)("WAHA's special words, where people go by %s", (addressing) => {
  const talk = new Conversation({ sandbox: { addressing }, config: store });
  const { phone, ana, session } = talk;
  const ben = '4915200006001';
  beforeAll(() => talk.start());
  afterAll(() => talk.close());

  const jidOf = (number: string) =>
    addressing === 'lid' ? talk.world.sandbox.contact(number).lid : `${number}@s.whatsapp.net`;
  const received = async (body: object) => {
    const bare = (body as WAMessage).id.split('_')[2] ?? '';
    return (await talk.contact.waitForMessage(({ id }) => id === bare)).message;
  };
  const get = async (path: string) => {
    const { status, body } = await talk.world.api.get(path);
    expect([path, status]).toEqual([path, 200]);
    return body;
  };

  it('`all` among the mentions names everybody in the group but ourselves, in the form of the group', async () => {
    const { jid } = talk.world.sandbox.group({ subject: 'All', owner: ana, participants: [phone, ben], addressing });
    const both = [`${ben}@c.us`, talk.world.sandbox.contact(ben).lid];
    for (const mentions of [['all'], ['all', ...both], [...both, 'all']]) {
      const { status, body } = await talk.send('/api/sendText', { chatId: jid, text: 'hey all', mentions });
      expect(status).toBe(201);
      const { extendedTextMessage } = await received(body);
      expect([...(extendedTextMessage?.contextInfo?.mentionedJid ?? [])].sort()).toEqual(
        [jidOf(ana), jidOf(ben)].sort(),
      );
    }
  });

  it('`all` instead of a chat lists the messages of every chat, newest first, by page and filter', async () => {
    const carl = '4915200006002';
    for (const number of [ana, ben, carl]) {
      const { id } = await talk.world.sandbox.contact(number).send(phone, `from ${number}`);
      await talk.next('message', (payload) => String(payload['id']).includes(id));
    }
    const path = `/api/${session}/chats/all/messages`;
    const listed: WAMessage[] = await get(`${path}?limit=100`);
    const bodies = listed.map(({ body }) => body);
    expect(bodies).toEqual(expect.arrayContaining([`from ${ana}`, `from ${ben}`, `from ${carl}`]));
    const times = listed.map(({ timestamp }) => timestamp);
    expect(times).toEqual([...times].sort((a, b) => b - a));
    const pages: WAMessage[][] = [];
    for (const offset of [0, 2]) pages.push(await get(`${path}?limit=2&offset=${offset}`));
    expect(pages.flat().map(({ id }) => id)).toEqual(listed.slice(0, 4).map(({ id }) => id));
    const theirs: WAMessage[] = await get(`${path}?limit=100&filter.fromMe=false`);
    expect(theirs.map(({ id }) => id)).toEqual(listed.flatMap(({ id, fromMe }) => (fromMe ? [] : [id])));
    expect(await get(`/api/messages?session=${session}&chatId=all&limit=2`)).toMatchObject(
      listed.slice(0, 2).map(({ id }) => ({ id })),
    );
  });

  it.each(['123', '+12', '0', '1234'])('%s is nobody’s number, and no fault', async (digits) => {
    const path = `/api/contacts/check-exists?session=${session}&phone=${encodeURIComponent(digits)}`;
    expect(await get(path)).toEqual({ numberExists: false });
  });

  it('somebody whom nobody knows is null', async () => {
    expect(await get(`/api/contacts?session=${session}&contactId=4915299999999@c.us`)).toBeNull();
    expect(await get(`/api/contacts?session=${session}&contactId=999999999999999@lid`)).toBeNull();
  });

  it('a plain member deletes and edits nothing of others in a group, an admin deletes, under either name', async () => {
    const group = talk.world.sandbox.group({ subject: 'Order', owner: ana, participants: [phone, ben], addressing });
    const said = await talk.send('/api/sendText', { chatId: group.jid, text: 'stays' });
    const bare = (said.body as WAMessage).id.split('_')[2] ?? '';
    await talk.contact.waitForMessage(({ id }) => id === bare);
    const member = talk.world.sandbox.contact(ben);
    const shown = async () =>
      ((await get(`/api/${session}/chats/${group.jid}/messages?limit=100`)) as WAMessage[]).map(({ body }) => body);
    for (const participant of [jidOf(phone), jidOf(ben), `${ben}@s.whatsapp.net`]) {
      const key = { remoteJid: group.jid, fromMe: participant !== jidOf(phone), id: bare, participant };
      await member.send(group.jid, { protocolMessage: { type: 0, key } });
      const editedMessage = { conversation: 'forged' };
      await member.send(group.jid, { protocolMessage: { type: 14, key, editedMessage } });
    }
    const { id } = await member.send(group.jid, 'after the forgeries');
    await talk.next('message', (payload) => String(payload['id']).includes(id));
    expect(await shown()).toEqual(expect.arrayContaining(['stays', 'after the forgeries']));
    const changed = talk.world.hooks.all.filter(({ event: { event, payload } }) => {
      const isChange = event === 'message.revoked' || event === 'message.edited';
      return isChange && JSON.stringify(payload).includes(bare);
    });
    expect(changed).toEqual([]);

    const key = { remoteJid: group.jid, fromMe: false, id: bare, participant: jidOf(phone) };
    await talk.contact.send(group.jid, { protocolMessage: { type: 0, key } });
    const gone = await talk.next('message.revoked', ({ revokedMessageId }) => revokedMessageId === bare);
    expect(gone).toMatchObject({ before: { body: 'stays' } });
    expect(await shown()).not.toContain('stays');
  });
});
