import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { World } from '../support/world.ts';

const phone = '4915200021001';
const session = 'shop';
const pace = { perMinute: 6000, burst: 1000 };
let world: World;
beforeAll(async () => {
  const plugins = () => [{ use: 'pacing', config: { known: pace, new: pace } }];
  world = await World.start({ plugins, baileys: { queryTimeoutMs: 5000 } });
  world.sandbox.phone(phone, { name: 'Shop' });
  await world.link(session, phone);
});
afterAll(() => world.close());

const send = (to: string, text: string, more: object = {}) =>
  world.api.post('/api/sendText', { session, chatId: `${to}@c.us`, text, ...more });
const soon = (milliseconds: number) => new Date(Date.now() + milliseconds).toISOString();
const queue = async () => (await world.api.get(`/api/${session}/queue`)).body;
const read = (to: string, text: string) => world.sandbox.contact(to).waitForMessage((one) => one.text === text);
const empty = () => expect.poll(async () => (await queue()).size).toBe(0);

describe('a send at a time', () => {
  it('goes out then, also when the process was away', async () => {
    const [first, second] = ['4915200021002', '4915200021003'];
    expect((await send(first, 'soon', { sendAt: soon(200) })).status).toBe(202);
    await read(first, 'soon');
    await empty();
    const { body } = await send(second, 'after a restart', { sendAt: soon(1000) });
    await world.reboot();
    await read(second, 'after a restart');
    await empty();
    expect(body.id).toMatch(/^queued_/);
  });

  it('is read once when the process ends between sending it and noting that', async () => {
    const to = '4915200021004';
    world.sandbox.faults.set({ kind: 'no-message-ack', phone, times: 1 });
    const written = world.sandbox.next('outbound');
    await send(to, 'once', { sendAt: soon(0) });
    const { id } = await written;
    const again = world.sandbox.next('outbound', (one) => one.id === id);
    await read(to, 'once');
    await world.reboot();
    await again;
    await empty();
    expect(world.sandbox.contact(to).inbox.filter(({ text }) => text === 'once')).toHaveLength(1);
  });

  it('waits for the end of a limit of WhatsApp', async () => {
    const to = '4915200021005';
    const { standing } = world.sandbox.phone(phone);
    standing.lock({ active: true, until: Math.ceil(Date.now() / 1000) * 1000 + 5000 });
    await send(to, 'patience', { sendAt: soon(0) });
    await expect.poll(async () => (await queue()).entries[0]?.reason).toBe('reachout_timelock');
    await read(to, 'patience');
    await empty();
  });

  it('of a file, a poll and a reaction is one like any other', async () => {
    const to = '4915200021006';
    const { body: text } = await send(to, 'first');
    const chat = { session, chatId: `${to}@c.us` };
    const poll = { name: 'Which?', options: ['a', 'b'], multipleAnswers: false };
    const file = { data: Buffer.from('hello').toString('base64'), mimetype: 'text/plain', filename: 'a.txt' };
    const answers = [
      await world.api.post('/api/sendPoll', { ...chat, poll, sendAt: soon(0) }),
      await world.api.post('/api/sendFile', { ...chat, file, sendAt: soon(0) }),
      await world.api.put('/api/reaction', { session, messageId: text.id, reaction: '👍', sendAt: soon(0) }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
    const contact = world.sandbox.contact(to);
    const status = { text: 'Shown later', contacts: [to], sendAt: soon(0) };
    expect((await world.api.post(`/api/${session}/status/text`, status)).status).toBe(202);
    await contact.waitForMessage(({ text: shown }) => shown === 'Shown later');
    await contact.waitForMessage(({ message }) => message.documentMessage?.fileName === 'a.txt');
    await contact.waitForMessage(({ message }) => message.reactionMessage?.text === '👍');
    await contact.waitForMessage(({ message }) => JSON.stringify(message).includes('Which?'));
    await empty();
  });
});
