import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterEach, describe, expect, it } from 'vitest';
import { bridgeMcp } from '../../core/cli/remote/mcp.ts';
import { root } from '../support/built-package.ts';
import { conversation } from '../support/conversation.ts';
import { apiKey } from '../support/deployment.ts';

const talk = conversation({
  config: { noweb: { store: { enabled: true } } },
  plugins: (folder) => [{ use: 'keys', config: { file: `${folder}/keys.secret` } }, { use: 'mcp' }],
});
const { session, phone, ana, chatId } = talk;

const clients: Client[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
});

const url = () => new URL(`${talk.world.runtime.url}/mcp`);
const connect = async (key: string, headers: Record<string, string> = {}): Promise<Client> => {
  const client = new Client({ name: 'agent', version: '1.0.0' });
  clients.push(client);
  await client.connect(
    new StreamableHTTPClientTransport(url(), { requestInit: { headers: { 'x-api-key': key, ...headers } } }),
  );
  return client;
};
const keyFor = async (actions: object | null, name = session): Promise<string> => {
  const { body } = await talk.world.api.post('/api/keys', { isAdmin: false, session: name, isActive: true, actions });
  return body.key;
};
const namesOf = async (client: Client): Promise<string[]> => (await client.listTools()).tools.map(({ name }) => name);
// biome-ignore lint/suspicious/noExplicitAny: as the protocol gives it
const call = async (client: Client, name: string, args: object = {}): Promise<any> =>
  client.callTool({ name, arguments: { ...args } });

describe('an agent', () => {
  it('lists tools, finds a contact, sends, and waits for the answer', async () => {
    const agent = await connect(await keyFor({ read: true, send: true }));
    const names = await namesOf(agent);
    expect(names).toEqual(
      expect.arrayContaining(['sessions-list', 'send-text', 'contacts-check-exists', 'wait-for-message']),
    );
    expect((await call(agent, 'sessions-list')).structuredContent.result).toMatchObject([
      { name: session, status: 'WORKING' },
    ]);
    const found = await call(agent, 'contacts-check-exists', { session, phone: ana });
    expect(found.structuredContent).toMatchObject({ numberExists: true, chatId });
    const sent = await call(agent, 'send-text', { session, chatId, text: 'Is it ready?' });
    expect(sent.isError).toBeFalsy();
    await talk.contact.waitForMessage(({ text }) => text === 'Is it ready?');
    const heard = call(agent, 'wait-for-message', { session, chatId, newerThan: Math.floor(Date.now() / 1000) - 5 });
    await talk.contact.send(phone, 'Yes, at five');
    expect((await heard).structuredContent.message).toMatchObject({
      body: 'Yes, at five',
      ...talk.world.namesOf(talk.ana),
    });
    const again = await call(agent, 'wait-for-message', {
      session,
      chatId,
      newerThan: Math.floor(Date.now() / 1000) - 30,
    });
    expect(again.structuredContent.message.body).toBe('Yes, at five');
  });

  it('has the tools of its key, with hints, and nothing of other sessions', async () => {
    const reader = await connect(await keyFor({ read: true }));
    const { tools } = await reader.listTools();
    expect(tools.filter(({ annotations }) => annotations?.readOnlyHint !== true)).toEqual([]);
    expect(tools.find(({ name }) => name === 'chats-get-messages')?.inputSchema.required).toEqual(
      expect.arrayContaining(['session', 'chatId']),
    );
    await talk.world.api.post('/api/sessions', { name: 'other', start: false });
    for (const { name, inputSchema } of tools) {
      if (!('session' in (inputSchema.properties ?? {}))) continue;
      const answer = await call(reader, name, { session: 'other' });
      if (!answer.isError) expect(answer.structuredContent, name).toEqual({ result: [] });
    }
    const refused = await call(reader, 'sessions-get', { session: 'other' });
    expect(refused).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining("not for session 'other'") }],
    });
    expect(await call(reader, 'send-text', { session, chatId, text: 'x' })).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining("needs the right 'send'") }],
    });
    await talk.world.api.delete('/api/sessions/other');
  });

  it('with a key that may do everything only reads, unless the YAML says more', async () => {
    const admin = await connect(apiKey);
    const names = await namesOf(admin);
    expect(names).toContain('chats-list');
    for (const name of ['send-text', 'sessions-delete', 'server-stop', 'auth-qr']) expect(names).not.toContain(name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^[a-z0-9-]{1,64}$/.test(name))).toEqual([]);
  });

  it('hears what is wrong in the words of the API', async () => {
    const agent = await connect(await keyFor(null));
    const wrong = await call(agent, 'send-text', { session, chatId });
    expect(wrong).toMatchObject({
      isError: true,
      content: [{ type: 'text', text: expect.stringMatching(/^400: text/) }],
    });
    await expect(call(agent, 'send-txt')).rejects.toThrow("Unknown tool: send-txt; did you mean 'send-text'?");
  });

  it('sees a QR code as a picture', async () => {
    await talk.world.api.post('/api/sessions', { name: 'fresh' });
    const agent = await connect(await keyFor({ control: true }, 'fresh'));
    await expect
      .poll(async () => (await call(agent, 'auth-qr', { session: 'fresh' })).content)
      .toMatchObject([{ type: 'image', mimeType: 'image/png' }, { type: 'text' }]);
    await talk.world.api.delete('/api/sessions/fresh');
  });

  it('never sees a key, its own or another', async () => {
    const key = await keyFor(null);
    const agent = await connect(key);
    await talk.world.api.put(`/api/sessions/${session}`, {
      config: { metadata: { own: key, noweb: 'x' }, noweb: { store: { enabled: true } } },
    });
    const answer = await call(agent, 'sessions-get', { session });
    expect(answer.isError).toBeFalsy();
    expect(JSON.stringify(answer)).not.toContain(key);
    expect(JSON.stringify(answer)).toContain('********');
  });

  it('sees neither the secrets of a config, whatever its key may do, nor what WhatsApp sent, unless it asks for that', async () => {
    const agent = await connect(await keyFor(null));
    const webhooks = [{ url: 'https://crm.example/hook', events: [], hmac: { key: 'hmac-of-the-crm' } }];
    const changed = await call(agent, 'sessions-update', {
      session,
      config: { webhooks, noweb: { store: { enabled: true } } },
    });
    const seen = [changed, await call(agent, 'sessions-get', { session }), await call(agent, 'sessions-list')];
    for (const answer of seen) {
      expect(answer.isError).toBeFalsy();
      expect(JSON.stringify(answer)).toContain('crm.example');
      expect(JSON.stringify(answer)).not.toContain('hmac-of-the-crm');
    }
    await talk.hear('Raw or not');
    const raw = async (more: object) =>
      (await call(agent, 'chats-get-messages', { session, chatId, limit: 1, ...more })).structuredContent.result[0];
    expect([await raw({}), await raw({ _data: true })]).toEqual([
      expect.not.objectContaining({ _data: expect.anything() }),
      expect.objectContaining({ _data: expect.anything() }),
    ]);
  });
});

describe('resources', () => {
  it('are the sessions of the key, their chats and the last messages', async () => {
    const { full } = await talk.hear('Something to read');
    const agent = await connect(await keyFor({ read: true }));
    const { resources } = await agent.listResources();
    const chats = `whatsapp://sessions/${session}/chats`;
    expect(resources.map(({ uri }) => uri)).toEqual(['whatsapp://sessions', `whatsapp://sessions/${session}`, chats]);
    const { resourceTemplates } = await agent.listResourceTemplates();
    expect(resourceTemplates).toHaveLength(3);
    const read = async (uri: string) => {
      const [content] = (await agent.readResource({ uri })).contents;
      return JSON.parse(content && 'text' in content ? content.text : '');
    };
    expect(await read('whatsapp://sessions')).toMatchObject([{ name: session }]);
    const [chat] = await read(chats);
    expect(await read(`${chats}/${encodeURIComponent(chat.id)}/messages`)).toEqual(
      expect.arrayContaining([expect.objectContaining({ id: full, body: 'Something to read' })]),
    );
  });

  it('of others are not there, and none without the right to read', async () => {
    await talk.world.api.post('/api/sessions', { name: 'other', start: false });
    const reader = await connect(await keyFor({ read: true }));
    const sender = await connect(await keyFor({ send: true }));
    for (const uri of ['whatsapp://sessions/other', 'whatsapp://sessions/other/chats', 'whatsapp://nothing', 'x:y']) {
      await expect(reader.readResource({ uri }), uri).rejects.toThrow();
    }
    await expect(sender.readResource({ uri: `whatsapp://sessions/${session}/chats` })).rejects.toThrow(/right 'read'/);
    expect((await sender.listResourceTemplates()).resourceTemplates.map(({ name }) => name)).toEqual(['session']);
    await talk.world.api.delete('/api/sessions/other');
  });
});

describe('the bridge for desktop agents', () => {
  it('serves the tools over standard input and output', async () => {
    const key = await keyFor({ read: true, send: true });
    const agent = new Client({ name: 'desktop', version: '1.0.0' });
    clients.push(agent);
    const args = [join(root, 'core/waha.js'), 'mcp', '--url', url().origin];
    const env = { ...getDefaultEnvironment(), WAHA_API_KEY: key };
    await agent.connect(new StdioClientTransport({ command: process.execPath, args, env }));
    expect(await namesOf(agent)).toEqual(expect.arrayContaining(['send-text', 'wait-for-message']));
    const sent = await call(agent, 'send-text', { session, chatId, text: 'Over the bridge' });
    expect(sent.isError).toBeFalsy();
    await talk.contact.waitForMessage(({ text }) => text === 'Over the bridge');
    expect((await agent.listResources()).resources.length).toBeGreaterThan(1);
  });

  it('says what is wrong with the key, with the server and with a line', async () => {
    const ask = async (options: object, line: string): Promise<string> => {
      const output = new PassThrough();
      const input = Readable.from([`${line}\n`]);
      expect(await bridgeMcp({ url: url().origin, input, output, ...options })).toBe(0);
      return String(output.read());
    };
    const list = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
    expect(JSON.parse(await ask({ apiKey: 'wrong' }, list))).toMatchObject({
      id: 1,
      error: { message: '401: Unauthorized' },
    });
    expect(JSON.parse(await ask({ url: 'http://127.0.0.1:1' }, list))).toMatchObject({
      id: 1,
      error: { code: -32_000 },
    });
    expect(JSON.parse(await ask({ apiKey }, 'no JSON'))).toMatchObject({ id: null, error: { code: -32_700 } });
    expect(JSON.parse(await ask({ apiKey }, list))).toMatchObject({ id: 1, result: { tools: expect.any(Array) } });
  });
});

describe('the endpoint', () => {
  const post = (headers: Record<string, string>, body: unknown = { jsonrpc: '2.0', id: 1, method: 'tools/list' }) =>
    fetch(url(), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });

  it('asks for a key, and refuses pages of other sites', async () => {
    expect((await post({})).status).toBe(401);
    expect((await post({ 'x-api-key': apiKey, origin: 'https://evil.example' })).status).toBe(403);
    expect((await post({ 'x-api-key': apiKey, origin: url().origin })).status).toBe(200);
    expect((await post({ authorization: `Bearer ${apiKey}` })).status).toBe(200);
  });

  it('keeps nothing between requests', async () => {
    for (const method of ['GET', 'DELETE']) {
      const answer = await fetch(url(), { method, headers: { 'x-api-key': apiKey } });
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
    }
  });

  it('answers what is no request with an error of the protocol', async () => {
    const answer = await post({ 'x-api-key': apiKey }, { hello: 1 });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toHaveProperty('error.code');
  });

  it('gives back no megabytes that a message bears besides its arguments', async () => {
    const long = 'x'.repeat(2_000_000);
    const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
    for (const body of [{ ...list, id: long }, [list, { ...list, method: long }], { ...list, [long]: 1 }]) {
      const answer = await post({ 'x-api-key': apiKey }, body);
      expect([answer.status, (await answer.text()).length < 500]).toEqual([400, true]);
    }
  });
});
