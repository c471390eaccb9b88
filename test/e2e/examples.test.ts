import { afterAll, beforeAll, expect, it } from 'vitest';
import { ApiDocument, type Operation } from '../fuzz/document.ts';
import { Target } from '../fuzz/target.ts';
import { png } from '../support/conversation.ts';

const session = 'default';
const phone = '5511999990001';
const phonePath = `/api/sandbox/phones/${phone}`;
let target: Target;
let document: ApiDocument;

beforeAll(async () => {
  target = await Target.start();
  document = new ApiDocument((await target.api.get('/openapi.json')).body);
});
afterAll(() => target?.close());

const post = async (path: string, body: object = {}) => (await target.api.post(path, body)).body;
const get = async (path: string) => (await target.api.get(path)).body;

/** What a server or a phone makes up, and no fixed example can name. */
const learned: readonly (readonly [path: RegExp, name: string, value: () => Promise<string>])[] = [
  [/^\/api\/keys\//, 'id', async () => (await post('/api/keys', { session })).id],
  [/^\/api\/apps\//, 'id', () => appOfCalls()],
  [/\/queue\//, 'id', () => queuedSend()],
  [/\/endpoints\//, 'endpoint', async () => (await get('/api/webhooks/endpoints'))[0].id],
  [/\/deliveries\//, 'delivery', async () => (await get('/api/webhooks/deliveries')).deliveries[0].id],
  [/\/faults\//, 'fault', async () => (await post('/api/sandbox/faults', { kind: 'silence', phone })).id],
  [/\/api\/files\//, 'file', () => heardFile()],
  [/\/media$/, 'message', () => sentFile()],
  [/\/devices\//, 'device', async () => String((await get(phonePath)).devices[0].id)],
];

/** The id of an app of the type that the examples have. A session has one of a type. */
const appOfCalls = async (): Promise<string> => {
  const known = (await get(`/api/apps?session=${session}`))[0];
  return (known ?? (await post('/api/apps', { session, app: 'calls', config: {} }))).id;
};

/** A send that waits in the queue for its time. */
const queuedSend = async (): Promise<string> => {
  const sendAt = Math.round(Date.now() / 1000) + 3600;
  return (await post('/api/sendText', { session, chatId: '11111111111@c.us', text: 'Later', sendAt })).id;
};

/** The name under which the server has a file that somebody sent. */
const heardFile = async (): Promise<string> => {
  const media = { kind: 'image', data: png, mimetype: 'image/png' };
  await post('/api/sandbox/contacts/11111111111/messages', { to: phone, media, waitMs: 20_000 });
  const chat = `/api/${session}/chats/11111111111@c.us/messages?limit=5&downloadMedia=true`;
  const url = () =>
    get(chat).then((list) => list.find((one: { media?: { url?: string } }) => one.media?.url)?.media.url);
  await expect.poll(url).toBeTruthy();
  return (await url()).split('/').at(-1);
};

/** The id of a file that a contact got from the account. */
const sentFile = async (): Promise<string> => {
  const file = { mimetype: 'image/png', data: png };
  const { id } = await post('/api/sendImage', { session, chatId: '11111111111@c.us', file });
  const bare = id.split('_')[2];
  const inbox = () => get('/api/sandbox/contacts/11111111111/messages');
  await expect.poll(inbox).toContainEqual(expect.objectContaining({ id: bare }));
  return bare;
};

/** Makes the session WORKING, unless it is and WhatsApp answers it: a device that was just unlinked does not know yet. */
const link = async (): Promise<void> => {
  const status = async () => (await get(`/api/sessions/${session}`)).status;
  const question = `/api/contacts/check-exists?session=${session}&phone=${phone}`;
  if ((await status()) === 'WORKING' && (await target.api.get(question)).status === 200) return;
  await post('/api/sandbox/phones', { number: phone });
  await target.api.delete(`/api/sessions/${session}`);
  const config = { noweb: { store: { enabled: true } }, webhooks: [{ url: target.outside, events: ['*'] }] };
  await post('/api/sessions', { name: session, config });
  await post(`${phonePath}/scan`, { qr: (await get(`/api/${session}/auth/qr?format=raw`)).value });
  await expect.poll(status).toBe('WORKING');
};

/** Makes what the examples name. */
const settle = async (): Promise<void> => {
  await link();
  await post(`${phonePath}/examples`);
  await target.api.put(`/api/sandbox/profiles/${phone}`, { picture: png });
  const labels = () => get(`/api/${session}/labels`);
  await expect.poll(labels).toContainEqual(expect.objectContaining({ id: '1' }));
};

/**
 * It ends the process or holds it up, streams without an end, answers what only a phone, a browser or Chatwoot can, or moves an
 * account whose data stand in no example.
 */
const untried =
  /^\/api\/server\/(stop|debug)|^\/api\/sandbox\/(load|disconnect)|^\/mcp$|passkey|refresh|\/read$|\/(im|ex)port$|^\/webhooks\//;
/** These want a session that waits for a phone, the last ones what it shows. */
const unlinked = /\/auth\/(qr|request-code)$|screenshot|\/(scan|code)$/;
/** After one of these the session, or what the examples name, is another. */
const uses = ({ method, path }: Operation): boolean =>
  method !== 'GET' && /sessions|groups|channels|calls|labels|devices|picture|messages\/\{messageId\}$/.test(path);

const exampleOf = async (operation: Operation): Promise<{ readonly address: string; readonly body: unknown }> => {
  const { path, parameters, json } = operation;
  const value = async (name: string): Promise<string> => {
    const made = learned.find(([pattern, field]) => field === name && pattern.test(path));
    const given = parameters.find((one) => one.name === name) as { example?: unknown } | undefined;
    return encodeURIComponent(made ? await made[2]() : String(given?.example ?? `no example of ${name}`));
  };
  let address = path;
  for (const [whole, name = ''] of path.matchAll(/\{(\w+)\}/g)) address = address.replace(whole, await value(name));
  const query = parameters.filter((one) => one.in === 'query' && one.required);
  const pairs = await Promise.all(query.map(async ({ name }) => `${name}=${await value(name)}`));
  return { address: pairs.length > 0 ? `${address}?${pairs.join('&')}` : address, body: json?.example };
};

const tried = async (operation: Operation): Promise<string | null> => {
  const { address, body } = await exampleOf(operation);
  const { method } = operation;
  const text = method === 'GET' || method === 'DELETE' ? undefined : JSON.stringify(body ?? {});
  const answer = await target.api.call(method, address, text);
  const told = JSON.stringify(answer.body)?.slice(0, 200);
  const isOffered = !/cannot|no way to delete/.test(told ?? '');
  if (answer.status < 300 || (answer.status === 422 && !isOffered)) return null;
  return `${answer.status} ${method} ${address} ${told}`;
};

it('the examples of creating a session and of pairing work on a new deployment, in that order', async () => {
  const named = (method: string, path: string) => tried(document.operation(method, path));
  expect(await named('POST', '/api/sessions')).toBeNull();
  expect(await named('GET', '/api/{session}/auth/qr')).toBeNull();
  expect(await named('GET', '/api/screenshot')).toBeNull();
  expect(await named('POST', '/api/{session}/auth/request-code')).toBeNull();
});

it('the example of every operation, sent as it stands, is answered with 2xx', { timeout: 400_000 }, async () => {
  const wrong: string[] = [];
  const operations = document.operations.filter(({ path }) => !untried.test(path) && !unlinked.test(path));
  await settle();
  for (const operation of operations) {
    if (operation.method === 'POST' && operation.path === '/api/sessions')
      await target.api.delete('/api/sessions/default');
    const fault = await tried(operation);
    if (fault) wrong.push(fault);
    if (uses(operation)) await settle();
  }
  expect(wrong).toEqual([]);
});

it('every body and every parameter that is required has an example', () => {
  const without = document.operations.flatMap(({ method, path, parameters, json }) => [
    ...(json && json.example === undefined ? [`${method} ${path}: the body`] : []),
    ...parameters
      .filter(
        (one) =>
          one.required &&
          !('example' in one) &&
          !learned.some(([pattern, name]) => name === one.name && pattern.test(path)),
      )
      .map(({ name }) => `${method} ${path}: ${name}`),
  ]);
  expect(without).toEqual([]);
});
