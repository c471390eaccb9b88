import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ChatwootStandIn } from '../plugins/chatwoot/stand-in.ts';
import { png } from '../support/conversation.ts';
import { ProcessWorld } from '../support/process-world.ts';

/** Everything is real but WhatsApp and Chatwoot: a process, which is killed, with its databases. */
const [session, phone, ana] = ['support', '4915200002001', '4915200002002'];
const server = new ChatwootStandIn();
let world: ProcessWorld;

beforeAll(async () => {
  await server.listen();
  world = await ProcessWorld.start({
    files: {},
    sandbox: { receiptDelayMs: 20 },
    plugins: () => [{ use: 'apps' }, { use: 'chatwoot' }],
  });
  const { sandbox, hooks } = world.outside;
  sandbox.phone(phone, { name: 'Shop' });
  await world.api.post('/api/sessions', {
    name: session,
    apps: [{ id: 'cw', app: 'chatwoot', config: server.config() }],
  });
  const { body } = await world.api.get(`/api/${session}/auth/qr?format=raw`);
  await sandbox.phone(phone).scan(body.value);
  await hooks.status(session, 'WORKING');
});
afterAll(async () => {
  await world?.close();
  await server.close();
});
afterEach(() => expect(server.outside).toEqual([]));

const contact = () => world.outside.sandbox.contact(ana);
const webhook = async (body: object) => {
  const answer = await fetch(`${world.api.url}/webhooks/chatwoot/${session}/cw`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect([answer.status, await answer.json()]).toEqual([201, { success: true }]);
};
const shown = () => server.messages.filter(({ message_type: type }) => type === 'incoming');
const arrived = async (text: string) => contact().waitForMessage((message) => message.text === text);

describe('Chatwoot', () => {
  it('shows what contacts write and send, and sends what agents do, with files', async () => {
    await contact().send(phone, 'Hello');
    const picture = {
      kind: 'image',
      bytes: Buffer.from(png, 'base64'),
      mimetype: 'image/png',
      caption: 'Look',
    } as never;
    await contact().sendMedia(phone, picture);
    await expect.poll(() => shown().map(({ content }) => content)).toEqual(['Hello', 'Look']);
    expect(shown()[1]?.attachments).toMatchObject([{ type: 'image/png', bytes: Buffer.from(png, 'base64') }]);

    const conversation = server.conversations.findIndex(({ messages }) => messages.includes(shown()[0] as never)) + 1;
    const reply = server.agentWrites(conversation, 'Hi **Ana**', {
      content_attributes: { in_reply_to: shown()[0]?.id },
    });
    await webhook(reply);
    const { message } = await arrived('Hi *Ana*');
    expect(JSON.stringify(message)).toContain('"stanzaId"');
    const sent = () => server.messages.find(({ id }) => id === reply.id)?.status;
    await expect.poll(sent).toBe('delivered');

    server.files.set('/cat.png', { type: 'image/png', bytes: Buffer.from(png, 'base64') });
    const file = { data_url: `${server.url}/cat.png`, file_type: 'image' };
    await webhook({ ...server.agentWrites(conversation, 'A cat'), attachments: [file] });
    const picked = await contact().waitForMessage(({ message: it }) => Boolean(it.imageMessage));
    expect(picked.message.imageMessage?.caption).toBe('A cat');
    expect(contact().download(picked).length).toBeGreaterThan(0);
  });

  it('misses nothing and gets nothing twice when the process is killed in a batch', async () => {
    const [before, incoming] = [shown().length, ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `to Chatwoot ${name}`)];
    const outgoing = ['a', 'b', 'c', 'd'].map((name) => `to WhatsApp ${name}`);
    const conversation = server.conversations.find(({ messages }) => messages.includes(shown()[0] as never))?.id ?? 0;
    let posts = 0;
    const killed = new Promise<void>((resolve) => {
      server.fate = (method, path) => {
        // What is said about the session goes to another conversation, when it is said.
        if (method !== 'POST' || !path.endsWith(`/conversations/${conversation}/messages`) || ++posts !== 3)
          return 'answer';
        // It is stored, nobody hears of it, and whoever asked is gone.
        void world.kill().then(resolve);
        return 'lose the answer';
      };
    });
    for (const text of outgoing) await webhook(server.agentWrites(conversation, text));
    for (const text of incoming) await contact().send(phone, text);
    await killed;
    await world.boot();
    await expect
      .poll(
        () =>
          shown()
            .slice(before)
            .map(({ content }) => content)
            .sort(),
        { timeout: 40_000 },
      )
      .toEqual(incoming);
    for (const text of outgoing) await arrived(text);
    // The one whose answer was lost was looked for, and not posted again.
    expect(posts).toBe(incoming.length);
  });

  it('leaves nothing of it behind when the session is deleted', async () => {
    await world.terminate();
    expect(rowsAbout(/"cw"|chatwoot support|token-of-the-agent/)).not.toEqual([]);
    await world.boot();
    await world.api.delete(`/api/sessions/${session}`);
    expect((await world.api.get('/api/apps/cw')).status).toBe(404);
    await world.terminate();
    expect(rowsAbout(/"cw"|chatwoot support|token-of-the-agent/)).toEqual([]);
    await world.boot();
  });
});

/** The tables of the process that stopped which have such rows. */
const rowsAbout = (what: RegExp): string[] =>
  readdirSync(world.outside.folder)
    .filter((file) => file.endsWith('.db'))
    .flatMap((file) => {
      const database = new Database(join(world.outside.folder, file), { readonly: true });
      const names = database.prepare("select name from sqlite_master where type = 'table'").all() as { name: string }[];
      const ours = names.filter(({ name }) => /chatwoot|plugin_storage|event_positions/.test(name));
      const found = ours.filter(({ name }) =>
        what.test(JSON.stringify(database.prepare(`select * from "${name}"`).all())),
      );
      database.close();
      return found.map(({ name }) => name);
    });
