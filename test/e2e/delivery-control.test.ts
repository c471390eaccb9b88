import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Runtime } from '../../core/runtime.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { World } from '../support/world.ts';

let world: World;
let receiver: Receiver;
let endpoint: string;

beforeAll(async () => {
  receiver = await startReceiver();
  world = await World.start();
  const webhooks = [
    {
      url: `${receiver.url}/hook/0123456789abcdefSECRET?token=SECRET`,
      events: ['chat.archive'],
      hmac: { key: 'SECRET' },
      customHeaders: [{ name: 'X-Secret', value: 'SECRET' }],
      retries: { policy: 'constant', delaySeconds: 0.01, attempts: 1 },
    },
  ];
  await world.api.post('/api/sessions', { name: 'ana', start: false, config: { webhooks } });
  await world.api.post('/api/sessions', { name: 'ben', start: false });
  const { body } = await world.api.get('/api/webhooks/endpoints?session=ana');
  endpoint = body.find((one: { session: string | null }) => one.session === 'ana').id;
});
afterAll(async () => {
  await world.close();
  await receiver.close();
});

const bus = () => (world.runtime as Runtime).bus;
let count = 0;
/** Publishes an event and says its id. */
const publish = async (): Promise<string> => {
  count += 1;
  let id = '';
  const stop = bus().subscribe('test', (event) => {
    id = event.id;
  });
  await bus().publish({
    session: 'ana',
    event: 'chat.archive',
    payload: { id: String(count), archived: true, timestamp: 1 },
    engine: 'NOWEB',
  });
  stop();
  return id;
};

const deliveriesOf = async (query: string) =>
  (await world.api.get(`/api/webhooks/deliveries?endpoint=${endpoint}&${query}`)).body.deliveries;
/** The delivery of an event, once it has this status. */
const ended = async (eventId: string, status: string) => {
  for (;;) {
    const [found] = await deliveriesOf(`eventId=${eventId}&status=${status}`);
    if (found) return found;
  }
};

describe('the endpoints of webhooks', () => {
  it('are listed with their state: of the YAML and of the session, without their secrets', async () => {
    const { body } = await world.api.get('/api/webhooks/endpoints?session=ana');
    expect(body.map(({ session }: { session: string | null }) => session)).toEqual([null, 'ana']);
    expect(body[1]).toMatchObject({
      state: 'active',
      paused: false,
      signed: true,
      customHeaders: ['X-Secret'],
      url: `${receiver.url}/hook/01…`,
      retries: { policy: 'constant', attempts: 1 },
    });
    expect(JSON.stringify(body)).not.toContain('SECRET');
    expect((await world.api.get('/api/webhooks/endpoints?session=ben')).body).toHaveLength(1);
  });

  it('get a test event on demand, and the answer is told', async () => {
    const { status, body } = await world.api.post(`/api/webhooks/endpoints/${endpoint}/test`);
    expect({ status, body }).toMatchObject({ status: 201, body: { delivered: true, status: 200, error: null } });
    const got = await receiver.next();
    expect(got.json).toMatchObject({ event: 'webhook.test', id: body.id, session: 'ana' });
    expect(got.headers).toHaveProperty('webhook-signature');
  });

  it('keep what comes while they are paused, over a restart, and get it when they are resumed', async () => {
    await world.api.post(`/api/webhooks/endpoints/${endpoint}/pause`);
    const id = await publish();
    expect(await deliveriesOf(`eventId=${id}`)).toMatchObject([{ status: 'pending', attempts: 0 }]);
    await world.reboot();
    const { body } = await world.api.get(`/api/webhooks/endpoints/${endpoint}`);
    expect(body).toMatchObject({ paused: true, queued: 1 });
    await world.api.post(`/api/webhooks/endpoints/${endpoint}/resume`);
    expect((await receiver.next()).json).toMatchObject({ id });
    expect(await ended(id, 'delivered')).toMatchObject({ lastStatus: 200 });
  });

  it('can be enabled again after a 410', async () => {
    receiver.answer(410);
    const id = await publish();
    await receiver.next();
    expect(await ended(id, 'dead')).toMatchObject({ lastStatus: 410 });
    const { body } = await world.api.get(`/api/webhooks/endpoints/${endpoint}`);
    expect(body).toMatchObject({ state: 'disabled', reason: 'it answered 410' });
    const missed = await publish();
    expect(await deliveriesOf(`eventId=${missed}`)).toMatchObject([{ status: 'dropped' }]);
    receiver.answer(200);
    const { body: enabled } = await world.api.post(`/api/webhooks/endpoints/${endpoint}/enable`);
    expect(enabled).toMatchObject({ state: 'active', reason: null });
  });
});

describe('deliveries', () => {
  it('that are dead show their attempts and their body, and can be replayed under the same id', async () => {
    receiver.answer(500);
    const id = await publish();
    const [first] = await receiver.next(2);
    const dead = await ended(id, 'dead');
    const { body } = await world.api.get(`/api/webhooks/deliveries/${dead.id}`);
    expect(body).toMatchObject({ status: 'dead', attempts: 2, body: { id }, lastError: 'it answered 500' });
    expect(body.log).toMatchObject([{ status: 500 }, { status: 500 }]);
    receiver.answer(200);
    const replayed = await world.api.post(`/api/webhooks/deliveries/${dead.id}/replay`);
    expect(replayed.status).toBe(201);
    const again = await receiver.next();
    expect(again.headers).toMatchObject({ 'webhook-id': id, 'x-webhook-attempt': '3' });
    expect(again.text).toBe(first?.text);
    expect(await ended(id, 'delivered')).toMatchObject({ attempts: 3 });
  });

  it('are replayed many at once, by status and time', async () => {
    const { body } = await world.api.post('/api/webhooks/deliveries/replay', { endpoint, status: ['dropped', 'dead'] });
    expect(body).toEqual({ replayed: 2, skipped: 0, more: false });
    await receiver.next(2);
    const since = Date.now() + 60_000;
    const none = await world.api.post('/api/webhooks/deliveries/replay', { since, status: ['delivered'] });
    expect(none.body).toEqual({ replayed: 0, skipped: 0, more: false });
  });

  it('come in pages, the newest first', async () => {
    const page = await world.api.get(`/api/webhooks/deliveries?endpoint=${endpoint}&limit=2`);
    expect(page.body.deliveries).toHaveLength(2);
    const next = await world.api.get(`/api/webhooks/deliveries?endpoint=${endpoint}&limit=2&cursor=${page.body.next}`);
    const ids = [...page.body.deliveries, ...next.body.deliveries].map(({ id }: { id: string }) => id);
    expect(ids).toHaveLength(4);
    expect(ids).toEqual([...ids].sort().reverse());
  });

  it('are not replayed by the thousands in a minute', async () => {
    const replay = () => world.api.post('/api/webhooks/deliveries/replay', { limit: 1000, since: Date.now() + 60_000 });
    expect((await replay()).status).toBe(429);
    expect(Number((await replay()).headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

describe('a request about webhooks that is wrong', () => {
  it.each([
    ['GET', '/api/webhooks/deliveries?status=lost', 400, 'status'],
    ['GET', '/api/webhooks/deliveries?limit=0', 400, 'limit'],
    ['GET', '/api/webhooks/deliveries?event=massage', 400, 'event'],
    ['GET', '/api/webhooks/endpoints/x', 400, 'endpoint'],
    ['GET', '/api/webhooks/endpoints/whe_0000000000000000', 404, 'whe_0000000000000000'],
    ['GET', '/api/webhooks/deliveries/dlv_00000000000_0000000000000000', 404, 'dlv_00000000000_0000000000000000'],
  ])('%s %s is %i and names what is wrong', async (method, path, status, word) => {
    const answer = await world.api.call(method, path);
    expect(answer.status).toBe(status);
    expect(JSON.stringify(answer.body)).toContain(word);
  });

  it('is documented: every route is in /openapi.json', async () => {
    const { body } = await world.api.get('/openapi.json');
    const paths = Object.keys(body.paths).filter((path) => path.startsWith('/api/webhooks/'));
    expect(paths).toHaveLength(10);
  });
});
