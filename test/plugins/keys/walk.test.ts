import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { callRoute } from '../../../core/http/call-route.ts';
import { isRuntimeError, Points, type Principal, type Right, type Route } from '../../../core/index.ts';
import { memoryDatabase } from '../../../core/testing/memory-database.ts';
import { recordedEvents } from '../../../core/testing/recorded-events.ts';
import { listResources, readResource } from '../../../plugins/mcp/resources.ts';
import { scrubber } from '../../../plugins/mcp/results.ts';
import { type Tool, toolsOf } from '../../../plugins/mcp/tools.ts';
import { WaitForMessage } from '../../../plugins/mcp/wait-for-message.ts';
import { folderOfTest, serveKeys } from './serve-keys.ts';

/** Stands in everything that belongs to the session of others. */
const theirs = 'bobs-secret';

let served: Awaited<ReturnType<typeof serveKeys>>;
let routes: readonly Route[];

beforeAll(async () => {
  served = await serveKeys({
    keepOpen: true,
    plugins: [
      ...['apps', 'mcp', 'chatwoot', 'webhook', 'websocket', 'metrics'].map((use) => ({ use })),
      { use: 'files', config: { folder: folderOfTest() } },
    ],
  });
  const { admin, runtime } = served;
  await admin.put('/api/sessions/bob', { config: { metadata: { theirs } } });
  const app = { id: theirs, session: 'bob', app: 'calls', config: { dm: { reject: true, message: theirs } } };
  expect((await admin.post('/api/apps', app)).status).toBe(201);
  await admin.post('/api/keys', { isAdmin: false, isActive: true, session: 'bob', note: theirs });
  routes = runtime.contributions(Points.Routes).flatMap(({ value }) => value.routes);
});
afterAll(() => served.close());

const rights: readonly Right[] = ['read', 'send', 'control', 'setting', 'app', 'delete'];
/** Every set of rights: all 64. */
const sets = Array.from({ length: 2 ** rights.length }, (_, bits) => rights.filter((_, index) => bits & (1 << index)));
const holderOf = (set: readonly Right[], sessions: readonly string[] = ['ana']): Principal => ({
  name: 'walker',
  sessions,
  rights: set,
  admin: false,
});
const signal = new AbortController().signal;

/** What somebody gets who asks for the other's session: null when he is refused. */
const answerTo = async (call: () => Promise<unknown>): Promise<string | null> => {
  try {
    const answer = (await call()) as { readonly json?: unknown; readonly bytes?: Uint8Array };
    return answer.bytes ? Buffer.from(answer.bytes).toString() : JSON.stringify(answer.json ?? answer);
  } catch (error) {
    if (isRuntimeError(error, 'FORBIDDEN')) return null;
    return error instanceof Error ? error.message : String(error);
  }
};

/** What is said before anybody is let in, or of nobody in particular. */
const isHarmless = (route: Route): boolean => route.session === 'any';

describe('a key for another session', () => {
  it('gets nothing by any operation, with any set of rights', async () => {
    const through: string[] = [];
    for (const route of routes.filter(({ access }) => access !== 'public')) {
      const call = callRoute(route);
      const names = [...route.path.matchAll(/\{([^{}]{1,64})\}/g)].map(([, name = '']) => name);
      const params = {
        ...Object.fromEntries(names.map((name) => [name, theirs])),
        ...(names.includes('session') ? { session: 'bob' } : {}),
      };
      const fields = { session: 'bob', name: 'bob', id: theirs, app: 'calls', config: {} };
      for (const set of sets) {
        const answer = await answerTo(() => call(holderOf(set), { params, query: fields, body: fields }, signal));
        if (answer === null) continue;
        if (isHarmless(route) && !answer.includes(theirs) && !/"(?:name|session)":"bob"/.test(answer)) continue;
        through.push(`${route.method} ${route.path} with ${set.join()}: ${answer.slice(0, 120)}`);
      }
    }
    expect(through).toEqual([]);
    expect(routes.length).toBeGreaterThan(150);
  });

  it('gets nothing by any tool or resource', async () => {
    const waiting: Tool = new WaitForMessage(served.clock);
    const tools = new Map([...toolsOf(served.runtime.contributions(Points.Routes)), [waiting.info.name, waiting]]);
    const through: string[] = [];
    for (const [name, tool] of tools) {
      for (const set of sets) {
        const input = { session: 'bob', name: 'bob', chatId: '1@c.us', id: theirs, timeoutSeconds: 1 };
        const answer = await answerTo(() => tool.call(holderOf(set), input, signal, {}));
        const isOthers = answer?.includes(theirs) || /"(?:name|session)":"bob"/.test(answer ?? '');
        if (isOthers) through.push(`${name} with ${set.join()}: ${answer?.slice(0, 120)}`);
      }
    }
    for (const set of sets) {
      const reader = { principal: holderOf(set), scrub: scrubber([]), signal, headers: {}, tools: () => tools };
      const listed = JSON.stringify(await listResources(reader));
      if (listed.includes('bob')) through.push(`resources with ${set.join()}`);
      for (const uri of ['', '/chats', '/chats/1%40c.us/messages']) {
        const asked = readResource(reader, `whatsapp://sessions/bob${uri}`);
        await expect(asked, `${uri} with ${set.join()}`).rejects.toThrow(/not for session 'bob'|needs the right/);
      }
    }
    expect(through).toEqual([]);
    expect(tools.size).toBeGreaterThan(100);
  });

  it('gets no event and no file', async () => {
    const { runtime, make, as } = served;
    const publish = (session: string, body: string) =>
      runtime.bus.publish({
        ...{ session, event: 'message' as const, engine: 'NOWEB' },
        payload: { ...recordedEvents.message, id: `false_1@c.us_${body}`, body },
      });
    const url = `${runtime.url?.replace('http', 'ws')}/ws`;
    for (const set of [[], ...rights.map((right) => [right]), rights]) {
      const { key } = await make({ session: 'ana', actions: Object.fromEntries(set.map((right) => [right, true])) });
      const frames: string[] = [];
      const closed = (query: string): Promise<number> =>
        new Promise((resolve) => {
          const socket = new WebSocket(`${url}?x-api-key=${key}${query}`);
          socket.on('error', () => resolve(0));
          socket.on('close', (code) => resolve(code));
          socket.on('message', (data) => {
            frames.push(String(data));
            if (String(data).includes('the end')) socket.close(4_000);
          });
          socket.on('open', async () => {
            await publish('bob', theirs);
            await publish('ana', 'the end');
          });
        });
      expect(await closed('&session=bob&events=*'), set.join()).not.toBe(4_000);
      expect((await closed('&session=*&events=*')) === 4_000, set.join()).toBe(set.includes('read'));
      expect(frames.join()).not.toContain(theirs);
      expect((await as(key).get('/api/files/bob/x.jpg')).status).toBe(403);
      for (const path of ['/metrics', '/health', '/api/keys']) expect((await as(key).get(path)).status, path).toBe(403);
    }
  });
});

describe('a session that is deleted', () => {
  it('leaves no key, app, task or secret behind', async () => {
    const database = memoryDatabase();
    const { admin, runtime, close } = await serveKeys({
      database,
      sessions: ['stays'],
      plugins: ['apps', 'mcp', 'chatwoot', 'webhook'].map((use) => ({ use })),
    });
    const chatwoot = {
      url: 'http://chatwoot.example',
      accountId: 1,
      accountToken: 'the-token',
      inboxId: 1,
      inboxIdentifier: 'i',
    };
    const apps = [
      { id: 'app-of-calls', app: 'calls', config: {} },
      { id: 'app-of-agents', app: 'mcp', config: { actions: { read: true } } },
      { id: 'app-of-chats', app: 'chatwoot', config: chatwoot },
    ];
    const config = { webhooks: [{ url: 'http://hook.example', events: ['*'], hmac: { key: 'hmac-secret' } }] };
    expect((await admin.post('/api/sessions', { name: 'goes', start: false, config, apps })).status).toBe(201);
    const made = await admin.post('/api/keys', { isAdmin: false, isActive: true, session: 'goes' });
    await admin.post('/api/keys/media', { session: 'goes' });
    const conversation = { id: 5, meta: { sender: { identifier: '1@c.us' } } };
    const message = { event: 'message_created', id: 7, content: 'waits', message_type: 'outgoing', conversation };
    expect((await admin.post('/webhooks/chatwoot/goes/app-of-chats', message)).status).toBe(201);
    const rows = async () => {
      const found = await Promise.all(Object.keys(shapes).map((name) => rowsOf(database, name)));
      return JSON.stringify(found);
    };
    const secrets = ['app-of', made.body.id, '"goes"', 'the-token', 'hmac-secret', 'key_id_media_goes', 'waits'];
    const before = await rows();
    // The id of this app opens its webhook.
    expect(JSON.stringify((await admin.get('/health')).body)).not.toContain('app-of-chats');
    for (const secret of secrets) expect(before, secret).toContain(secret);
    expect((await admin.remove('/api/sessions/goes')).status).toBe(200);
    const after = await rows();
    for (const secret of secrets) expect(after, secret).not.toContain(secret);
    expect((await admin.get('/api/keys')).body).toEqual([]);
    expect(runtime.sessions.has('stays')).toBe(true);
    await close();
  });
});

const text = { type: 'text' } as const;
const json = { type: 'json' } as const;
/** The collections that may hold what is looked for: their keys, and the column with the rest. */
const shapes: Readonly<Record<string, { readonly key: readonly string[]; readonly rest?: string }>> = {
  plugin_storage: { key: ['plugin', 'key'], rest: 'value' },
  chatwoot_tasks: { key: ['app', 'id'], rest: 'task' },
  chatwoot_messages: { key: ['app', 'source'] },
  event_positions: { key: ['follower'] },
  sessions: { key: ['name'], rest: 'config' },
};

/** All rows of a collection that somebody else declared. */
const rowsOf = async (database: ReturnType<typeof memoryDatabase>, name: string): Promise<unknown[]> => {
  const { key = [], rest } = shapes[name] ?? {};
  const columns = { ...Object.fromEntries(key.map((column) => [column, text])), ...(rest ? { [rest]: json } : {}) };
  return (await database.open({ name, columns, key })).find();
};
