import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Tokens } from '../../core/index.ts';
import { lidJid } from '../../plugins/sandbox/wire/jids.ts';
import { conversation, png } from '../support/conversation.ts';

const talk = conversation();
const { session, phone, ana, chatId } = talk;

const keyed = (key: string, body: object, path = '/api/sendText') =>
  talk.send(path, { chatId, ...body }, { 'idempotency-key': key });
const arrived = (accept: (text: string | undefined) => boolean) =>
  talk.contact.inbox.filter(({ text }) => accept(text)).length;

describe('an Idempotency-Key', () => {
  it('sends once, however often the request comes, and answers the same', async () => {
    const first = await keyed('k-1', { text: 'once' });
    const second = await keyed('k-1', { text: 'once' });
    expect([first.status, second.status, second.headers.get('idempotent-replayed')]).toEqual([201, 201, 'true']);
    expect(second.body).toEqual(first.body);
    await keyed('k-2', { text: 'after' });
    await talk.contact.waitForMessage(({ text }) => text === 'after');
    expect(arrived((text) => text === 'once')).toBe(1);
  });

  it('lets a request that comes meanwhile wait for the first', async () => {
    const [one, two] = await Promise.all([keyed('k-3', { text: 'twins' }), keyed('k-3', { text: 'twins' })]);
    expect([one.status, two.status]).toEqual([201, 201]);
    expect(two.body).toEqual(one.body);
    await talk.contact.waitForMessage(({ text }) => text === 'twins');
    expect(arrived((text) => text === 'twins')).toBe(1);
  });

  it('is refused with 422 for another body, and with 400 when it is none', async () => {
    await keyed('k-4', { text: 'mine' });
    expect((await keyed('k-4', { text: 'other' })).status).toBe(422);
    expect((await keyed('with space', { text: 'x' })).status).toBe(400);
  });

  it('belongs to one operation and one session', async () => {
    await keyed('k-5', { text: 'here' });
    const elsewhere = await keyed('k-5', { text: 'here' }, '/api/reply');
    expect([elsewhere.status, elsewhere.headers.get('idempotent-replayed')]).toEqual([201, null]);
  });

  it('works for files and for changes of messages', async () => {
    const file = { mimetype: 'image/png', data: png };
    const [one, two] = [await keyed('k-6', { file }, '/api/sendImage'), await keyed('k-6', { file }, '/api/sendImage')];
    expect(two.body.id).toBe(one.body.id);
    const path = `/api/${session}/chats/${chatId}/messages/${one.body.id}/pin`;
    const pin = () => talk.world.api.call('POST', path, '{"duration":86400}', { 'idempotency-key': 'k-7' });
    expect([(await pin()).status, (await pin()).headers.get('idempotent-replayed')]).toEqual([201, 'true']);
  });

  it('starts afresh after a refusal', async () => {
    talk.world.sandbox.faults.set({ kind: 'refuse-message', code: 479, times: 1 });
    expect((await keyed('k-8', { text: 'again' })).status).toBe(422);
    expect((await keyed('k-8', { text: 'again' })).status).toBe(201);
  });

  it('shows the message once when the connection broke before anybody knew, and the request comes again', async () => {
    const fault = talk.world.sandbox.faults.set({ kind: 'no-message-ack' });
    const outbound = talk.world.sandbox.next('outbound');
    const sending = keyed('k-9', { text: 'uncertain' });
    await outbound;
    const from = await talk.world.mark();
    talk.world.sandbox.disconnect('reset', { phone });
    expect((await sending).status).toBe(503);
    fault.clear();
    await talk.world.hooks.status(session, 'WORKING', from);
    const answer = await keyed('k-9', { text: 'uncertain' });
    expect(answer.status).toBe(201);
    await keyed('k-10', { text: 'certain' });
    await talk.contact.waitForMessage(({ text }) => text === 'certain');
    expect(arrived((text) => text === 'uncertain')).toBe(1);
  });

  it('holds over a restart of the process', async () => {
    const first = await keyed('k-11', { text: 'durable' });
    const from = await talk.world.mark();
    await talk.world.reboot();
    await talk.world.hooks.status(session, 'WORKING', from);
    const again = await keyed('k-11', { text: 'durable' });
    expect([again.body, again.headers.get('idempotent-replayed')]).toEqual([first.body, 'true']);
    expect((await keyed('k-11', { text: 'other' })).status).toBe(422);
    const twins = await Promise.all([keyed('k-11', { text: 'durable' }), keyed('k-11', { text: 'durable' })]);
    expect(twins.map(({ body }) => body)).toEqual([first.body, first.body]);
    expect(arrived((text) => text === 'durable')).toBe(1);
  });
});

describe('an id that the caller chose', () => {
  /** Gives its picture when the test says so: a send that names it is under way until then. */
  let release = (): void => undefined;
  let asked = (): void => undefined;
  const slow = createServer((_request, response) => {
    release = () => void response.writeHead(200, { 'content-type': 'image/png' }).end(Buffer.from(png, 'base64'));
    asked();
  });
  beforeAll(() => new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve)));
  afterAll(() => void slow.close());

  const newId = async () => (await talk.world.api.get(`/api/${session}/new-message-id`)).body.id as string;
  const under = (id: string, body: object, path = '/api/sendImage') => talk.send(path, { chatId, id, ...body });
  const picture = () => ({ file: { url: `http://127.0.0.1:${(slow.address() as AddressInfo).port}/` } });
  it('makes two requests with the same content one send, and both get its answer; other content is a 409', async () => {
    const id = await newId();
    const file = picture();
    const begun = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const first = under(id, { ...file, caption: 'one' });
    await begun;
    const twins = [under(id, { ...file, caption: 'one' }), under(`true_${chatId}_${id}`, { ...file, caption: 'one' })];
    const others = await Promise.all([
      under(id, { ...file, caption: 'two' }),
      under(id, { ...file, caption: 'one', reply_to: id }),
      under(id, { ...file, caption: 'one' }, '/api/sendFile'),
      under(id, { text: 'one' }, '/api/sendText'),
      talk.send('/api/sendText', { chatId, id, text: 'one' }, { 'idempotency-key': 'k-12' }),
    ]);
    expect(others.map(({ status }) => status)).toEqual([409, 409, 409, 409, 409]);
    release();
    const answers = await Promise.all([first, ...twins]);
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    for (const { body } of answers) expect(body).toEqual(answers[0]?.body);
    await talk.contact.waitForMessage((message) => message.id === id);
    expect(talk.contact.inbox.filter((message) => message.id === id)).toHaveLength(1);
  });

  it('is a conflict for a plugin, too, while WhatsApp has not confirmed the first', async () => {
    const id = await newId();
    talk.world.sandbox.faults.set({ kind: 'no-message-ack' });
    const { messages } = await talk.world.runtime.service(Tokens.Sessions).client(session);
    const outbound = talk.world.sandbox.next('outbound');
    const first = under(id, { text: 'by request' }, '/api/sendText');
    await outbound;
    await expect(messages.sendText({ chatId, id, text: 'by plugin' })).rejects.toMatchObject({ code: 'CONFLICT' });
    const from = await talk.world.mark();
    talk.world.sandbox.disconnect('reset', { phone });
    expect((await first).status).toBe(503);
    await talk.world.hooks.status(session, 'WORKING', from);
  });

  it('may be sent again once the first is done', async () => {
    const id = await newId();
    const send = (text: string) => under(id, { text }, '/api/sendText');
    const answers = [await send('first'), await send('second')];
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
  });
});

describe('presence', () => {
  const path = `/api/${session}/presence`;

  it('is shown to everyone, or in a chat', async () => {
    const { api, sandbox } = talk.world;
    const offline = sandbox.next('presence', ({ state }) => state === 'unavailable');
    expect((await api.post(path, { presence: 'offline' })).status).toBe(201);
    await offline;
    const recording = sandbox.next('chatstate');
    expect((await api.post(path, { chatId, presence: 'recording' })).status).toBe(201);
    expect(await recording).toMatchObject({ state: 'recording', to: ana });
    const nowhere = await api.post(path, { presence: 'typing' });
    expect([nowhere.status, nowhere.body.message[0]]).toEqual([400, "chatId is required for 'typing'"]);
  });

  it('of others is told when asked, in events, and in the list', async () => {
    const { api } = talk.world;
    expect((await api.post(`${path}/${chatId}/subscribe`)).status).toBe(201);
    talk.contact.presence(phone, 'available');
    const names = [chatId, lidJid(ana)];
    const states = async (id: string) => {
      const { body } = await api.get(`${path}/${id}`);
      expect(body.id).toBe(id);
      return body.presences.map((one: Record<string, unknown>) => [
        names.includes(String(one['participant'])),
        one['lastKnownPresence'],
      ]);
    };
    const told = (state: string) =>
      talk.next('presence.update', ({ id, presences }) => {
        return id === talk.heardId && JSON.stringify(presences).includes(`"${state}"`);
      });
    await told('online');
    // By either name, whichever one WhatsApp told of it last.
    for (const id of names) expect(await states(id)).toEqual([[true, 'online']]);
    // The answer to the subscription of just now may come after the typing.
    const typed = (id: string) => {
      talk.contact.typing(phone, 'composing');
      return states(id);
    };
    for (const id of names) await expect.poll(() => typed(id)).toEqual([[true, 'typing']]);
    await told('typing');
    const hers = [expect.objectContaining({ participant: talk.heardId })];
    expect((await api.get(path)).body).toContainEqual({ id: talk.heardId, presences: hers });
    const stranger = await api.get(`${path}/4915200002077@c.us`);
    expect(stranger.body).toMatchObject({ id: '4915200002077@c.us', presences: [{ lastKnownPresence: 'offline' }] });
    expect((await api.get(`${path}/nobody`)).status).toBe(422);
    expect((await api.get(`${path}/no%20body`)).status).toBe(400);
  });
});
