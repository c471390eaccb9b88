import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Runtime } from '../../core/runtime.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { World } from '../support/world.ts';

let world: World;

beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world.close());

const bus = () => (world.runtime as Runtime).bus;
let count = 0;

/** A session of its own, with a webhook and its receiver: no test needs what another one did. */
class Hooked {
  readonly session: string;
  readonly receiver: Receiver;
  readonly endpoint: string;

  private constructor(session: string, receiver: Receiver, endpoint: string) {
    this.session = session;
    this.receiver = receiver;
    this.endpoint = endpoint;
  }

  static async start(): Promise<Hooked> {
    const receiver = await startReceiver();
    onTestFinished(() => receiver.close());
    const session = `hooked-${++count}`;
    const webhooks = [
      {
        url: `${receiver.url}/hook/0123456789abcdefSECRET?token=SECRET`,
        events: ['chat.archive'],
        hmac: { key: 'SECRET' },
        customHeaders: [{ name: 'X-Secret', value: 'SECRET' }],
        retries: { policy: 'constant', delaySeconds: 0.01, attempts: 1 },
      },
    ];
    await world.api.post('/api/sessions', { name: session, start: false, config: { webhooks } });
    const { body } = await world.api.get(`/api/webhooks/endpoints?session=${session}`);
    const own = body.find((one: { session: string | null }) => one.session === session);
    return new Hooked(session, receiver, own.id);
  }

  /** Publishes an event and says its id. */
  async publish(): Promise<string> {
    let id = '';
    const stop = bus().subscribe('test', (event) => {
      id = event.id;
    });
    await bus().publish({
      session: this.session,
      event: 'chat.archive',
      payload: { id: String(++count), archived: true, timestamp: 1 },
      engine: 'NOWEB',
    });
    stop();
    return id;
  }

  async deliveries(query = '') {
    const { body } = await world.api.get(`/api/webhooks/deliveries?endpoint=${this.endpoint}&${query}`);
    return body.deliveries;
  }

  /** The delivery of an event, once it has this status. */
  async ended(eventId: string, status: string) {
    for (;;) {
      const [found] = await this.deliveries(`eventId=${eventId}&status=${status}`);
      if (found) return found;
    }
  }

  /** An event whose delivery is dead after its two attempts. */
  async dead() {
    this.receiver.answer(500);
    const id = await this.publish();
    const [first] = await this.receiver.next(2);
    return { id, text: first?.text, delivery: await this.ended(id, 'dead') };
  }

  ask(what = '') {
    return world.api.get(`/api/webhooks/endpoints/${this.endpoint}${what}`);
  }

  tell(what: string) {
    return world.api.post(`/api/webhooks/endpoints/${this.endpoint}/${what}`);
  }
}

describe('the endpoints of webhooks', () => {
  it('are listed with their state: of the YAML and of the session, without their secrets', async () => {
    const { session, receiver } = await Hooked.start();
    const { body } = await world.api.get(`/api/webhooks/endpoints?session=${session}`);
    expect(body.map((one: { session: string | null }) => one.session)).toEqual([null, session]);
    expect(body[1]).toMatchObject({
      state: 'active',
      paused: false,
      signed: true,
      customHeaders: ['X-Secret'],
      url: `${receiver.url}/hook/01…`,
      retries: { policy: 'constant', attempts: 1 },
    });
    expect(JSON.stringify(body)).not.toContain('SECRET');
    await world.api.post('/api/sessions', { name: 'ben', start: false });
    expect((await world.api.get('/api/webhooks/endpoints?session=ben')).body).toHaveLength(1);
  });

  it('get a test event on demand, and the answer is told', async () => {
    const hooked = await Hooked.start();
    const { status, body } = await hooked.tell('test');
    expect({ status, body }).toMatchObject({ status: 201, body: { delivered: true, status: 200, error: null } });
    const got = await hooked.receiver.next();
    expect(got.json).toMatchObject({ event: 'webhook.test', id: body.id, session: hooked.session });
    expect(got.headers).toHaveProperty('webhook-signature');
  });

  it('keep what comes while they are paused, over a restart, and get it when they are resumed', async () => {
    const hooked = await Hooked.start();
    await hooked.tell('pause');
    const id = await hooked.publish();
    expect(await hooked.deliveries(`eventId=${id}`)).toMatchObject([{ status: 'pending', attempts: 0 }]);
    await world.reboot();
    expect((await hooked.ask()).body).toMatchObject({ paused: true, queued: 1 });
    await hooked.tell('resume');
    expect((await hooked.receiver.next()).json).toMatchObject({ id });
    expect(await hooked.ended(id, 'delivered')).toMatchObject({ lastStatus: 200 });
  });

  it('can be enabled again after a 410', async () => {
    const hooked = await Hooked.start();
    hooked.receiver.answer(410);
    const id = await hooked.publish();
    await hooked.receiver.next();
    expect(await hooked.ended(id, 'dead')).toMatchObject({ lastStatus: 410 });
    expect((await hooked.ask()).body).toMatchObject({ state: 'disabled', reason: 'it answered 410' });
    const missed = await hooked.publish();
    expect(await hooked.deliveries(`eventId=${missed}`)).toMatchObject([{ status: 'dropped' }]);
    hooked.receiver.answer(200);
    expect((await hooked.tell('enable')).body).toMatchObject({ state: 'active', reason: null });
    expect(await hooked.ended(await hooked.publish(), 'delivered')).toMatchObject({ lastStatus: 200 });
  });
});

describe('deliveries', () => {
  it('that are dead show their attempts and their body, and are replayed under the same id with all their retries', async () => {
    const hooked = await Hooked.start();
    const { id, text, delivery } = await hooked.dead();
    const { body } = await world.api.get(`/api/webhooks/deliveries/${delivery.id}`);
    expect(body).toMatchObject({ status: 'dead', attempts: 2, body: { id }, lastError: 'it answered 500' });
    expect(body.log).toMatchObject([{ status: 500 }, { status: 500 }]);
    hooked.receiver.answer(500, 200);
    const replayed = await world.api.post(`/api/webhooks/deliveries/${delivery.id}/replay`);
    expect(replayed.status).toBe(201);
    const again = await hooked.receiver.next();
    expect(again.headers).toMatchObject({ 'webhook-id': id, 'x-webhook-attempt': '3' });
    expect(again.text).toBe(text);
    const retried = await hooked.receiver.next();
    expect(retried.headers).toMatchObject({ 'webhook-id': id, 'x-webhook-attempt': '4' });
    expect(await hooked.ended(id, 'delivered')).toMatchObject({ attempts: 4 });
  });

  it('are replayed many at once, by status and time', async () => {
    const hooked = await Hooked.start();
    const { id } = await hooked.dead();
    const { id: other } = await hooked.dead();
    hooked.receiver.answer(200);
    const { endpoint } = hooked;
    const { body } = await world.api.post('/api/webhooks/deliveries/replay', { endpoint, status: ['dropped', 'dead'] });
    expect(body).toEqual({ replayed: 2, skipped: 0, more: false });
    const got = await hooked.receiver.next(2);
    expect(got.map(({ headers }) => headers['webhook-id']).sort()).toEqual([id, other].sort());
    const since = Date.now() + 60_000;
    const none = await world.api.post('/api/webhooks/deliveries/replay', { since, status: ['delivered'] });
    expect(none.body).toEqual({ replayed: 0, skipped: 0, more: false });
  });

  it('come in pages, the newest first', async () => {
    const hooked = await Hooked.start();
    const published: string[] = [];
    for (let made = 0; made < 4; made++) published.push(await hooked.publish());
    await hooked.receiver.next(4);
    const page = await world.api.get(`/api/webhooks/deliveries?endpoint=${hooked.endpoint}&limit=2`);
    expect(page.body.deliveries).toHaveLength(2);
    const next = await hooked.deliveries(`limit=2&cursor=${page.body.next}`);
    const events = [...page.body.deliveries, ...next].map(({ eventId }: { eventId: string }) => eventId);
    expect(events).toEqual(published.toReversed());
  });

  it('are not replayed by the thousands in a minute', async () => {
    const replay = () => world.api.post('/api/webhooks/deliveries/replay', { limit: 1000, since: Date.now() + 60_000 });
    const statuses = [await replay(), await replay()].map(({ status }) => status);
    expect(statuses.at(-1)).toBe(429);
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
