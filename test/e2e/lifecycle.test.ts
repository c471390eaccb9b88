import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SessionStatusPayload } from '../../core/contracts/session.ts';
import type { WAMessage } from '../../core/index.ts';
import { World } from '../support/world.ts';

/** One world and a few linked sessions serve all tests here: linking is what costs. */
let world: World;
let from = 0;
const phone = '4915200004001';
const customer = '4915200004002';
const session = 'shop';
const status = (name: string, wanted: string) => world.hooks.status(name, wanted, from);
/** WORKING, told with a restriction until then, or with the end of one. */
const restriction = (until: number | null) =>
  world.hooks.next(
    'session.status',
    ({ session: name, payload }) => {
      const data = (payload as SessionStatusPayload).data as {
        reachoutTimelock?: { timeEnforcementEnds: number | null };
      };
      const lock = data?.reachoutTimelock;
      return (
        name === session && lock !== undefined && lock.timeEnforcementEnds === (until === null ? null : until / 1000)
      );
    },
    from,
  );
const statusesSince = (): string[] =>
  world.hooks.all
    .slice(from)
    .filter(({ event }) => event.event === 'session.status' && event.session === session)
    .map(({ event }) => (event.payload as SessionStatusPayload).status);

beforeAll(async () => {
  world = await World.start({
    timings: { probe: 400, probeTimeout: 4_000, close: 3_000, backoffBase: 400, backoffCap: 800 },
    // A connection that is opened before a silence ends goes nowhere. A first login makes 812 keys, which takes a while.
    baileys: { connectTimeoutMs: 10_000 },
  });
});
afterAll(() => world.close());
beforeEach(async () => {
  world.sandbox.faults.clear();
  from = await world.mark();
});

describe('a session is linked', () => {
  it('under the names that its config gives, online at once, with its metadata in every answer', async () => {
    const linked = world.sandbox.next('link');
    const online = world.sandbox.next('presence', ({ state }) => state === 'available');
    const config = { client: { deviceName: 'Front desk', browserName: 'Firefox' }, metadata: { branch: 'north' } };
    await world.link(session, phone, config);
    expect((await linked).props).toMatchObject({ os: 'Front desk', platformType: 'FIREFOX' });
    expect((await online).phone).toBe(phone);
    const { body } = await world.api.get(`/api/sessions/${session}`);
    expect(body).toMatchObject({ status: 'WORKING', config: { metadata: { branch: 'north' } }, presence: 'online' });
    const list = await world.api.get('/api/sessions');
    expect(list.body[0].config.metadata).toEqual({ branch: 'north' });
    expect(world.hooks.all.slice(from).every(({ event }) => event.metadata['branch'] === 'north')).toBe(true);
  });

  it('without showing itself online when markOnline is off', async () => {
    const seen: string[] = [];
    const stop = world.sandbox.on('presence', ({ phone: number, state }) => {
      if (number === '4915200004003') seen.push(state);
    });
    await world.link('quiet', '4915200004003', { noweb: { markOnline: false } });
    await world.sandbox.contact(customer).send('4915200004003', 'are you online?');
    await world.hooks.next('message', ({ session: name }) => name === 'quiet', from);
    stop();
    expect(seen).not.toContain('available');
  });
});

describe('a change of the config', () => {
  it('of metadata is live, and of the device name restarts once without a QR code', async () => {
    const config = { client: { deviceName: 'Front desk' }, metadata: { branch: 'south' } };
    await world.api.put(`/api/sessions/${session}`, { config: { ...config, client: { deviceName: 'Back desk' } } });
    const event = await status(session, 'WORKING');
    expect(event.metadata).toEqual({ branch: 'south' });
    expect(statusesSince()).toEqual(['STARTING', 'WORKING']);
    from = await world.mark();
    await world.api.put(`/api/sessions/${session}`, {
      config: { ...config, client: { deviceName: 'Back desk' }, metadata: { branch: 'west' } },
    });
    await world.sandbox.contact(customer).send(phone, 'still there?');
    const message = await world.hooks.next('message', () => true, from);
    expect(message.metadata).toEqual({ branch: 'west' });
    expect(statusesSince()).toEqual([]);
  });
});

describe('ignore', () => {
  it('filters groups at the source from the moment it is set, and nothing else', async () => {
    const group = world.sandbox.group({ subject: 'Offers', owner: customer, participants: [phone] });
    const contact = world.sandbox.contact(customer);
    const bodies = () =>
      world.hooks.all
        .slice(from)
        .filter(({ event }) => event.event === 'message' && event.session === session)
        .map(({ event }) => (event.payload as WAMessage).body);
    const heard = (body: string) =>
      world.hooks.next('message', ({ payload }) => (payload as WAMessage).body === body, from);
    await contact.send(group.jid, 'to all');
    await heard('to all');
    await world.api.put(`/api/sessions/${session}`, {
      config: { client: { deviceName: 'Back desk' }, ignore: { groups: true } },
    });
    await contact.send(group.jid, 'to all again');
    await contact.send(phone, 'to you');
    await heard('to you');
    expect(bodies()).toEqual(['to all', 'to you']);
    expect(statusesSince()).toEqual([]);
  });
});

describe('trouble with WhatsApp', () => {
  it('that goes silent is found by a probe, told as deaf and counted, and nothing is lost', async () => {
    const fault = world.sandbox.faults.set({ kind: 'silence', phone });
    await world.sandbox.contact(customer).send(phone, 'into the silence');
    const event = await status(session, 'STARTING');
    expect(event.payload).toMatchObject({ reason: 'deaf', recoverable: true, attempt: 1 });
    fault.clear();
    await status(session, 'WORKING');
    const heard = ({ payload }: { payload: unknown }) => (payload as WAMessage).body === 'into the silence';
    await world.hooks.next('message', heard, from);
    expect(world.runtime.sessions.reconnects().deaf).toBeGreaterThan(0);
    const { body } = await world.api.get(`/api/sessions/${session}/transitions`);
    expect(body.map(({ reason }: { reason?: string }) => reason)).toContain('deaf');
  });

  it('that ends the stream for a missing ack, and leaves the socket open, is a lost connection however often it comes', async () => {
    world.sandbox.resetMostSockets();
    for (let round = 0; round < 5; round++) {
      from = await world.mark();
      const online = world.sandbox.next('online', ({ phone: number }) => number === phone);
      world.sandbox.disconnect('ack', { phone, hold: true });
      expect((await status(session, 'STARTING')).payload).toMatchObject({ reason: 'network', recoverable: true });
      await status(session, 'WORKING');
      await online;
    }
    expect(world.sandbox.stats().mostSocketsPerSession).toBe(1);
    const answer = await world.api.post('/api/sendText', { session, chatId: `${customer}@c.us`, text: 'back' });
    expect(answer.status).toBe(201);
  });

  it('that drops the connection during a call is told to the caller as 503 with the time to wait', async () => {
    world.sandbox.faults.set({ kind: 'no-message-ack', phone });
    const written = world.sandbox.next('outbound');
    const asked = world.api.post('/api/sendText', { session, chatId: `${customer}@c.us`, text: 'lost?' });
    await written;
    world.sandbox.disconnect('reset', { phone });
    const { status: code, headers } = await asked;
    expect([code, Number(headers.get('retry-after'))]).toEqual([503, 5]);
    await status(session, 'WORKING');
  });

  it('that restricts the account is told with WORKING, and so is the end of it', async () => {
    const until = Math.floor(Date.now() / 1000) * 1000 + 3_000;
    world.sandbox.phone(phone).standing.lock({ active: true, until, type: 'WEB_COMPANION_ONLY' });
    expect((await restriction(until)).payload).toMatchObject({
      status: 'WORKING',
      data: {
        reachoutTimelock: {
          ...{ isActive: true, timeEnforcementEnds: until / 1000 },
          enforcementType: 'WEB_COMPANION_ONLY',
        },
      },
    });
    const lock = await world.api.get(`/api/sessions/${session}/timelock`);
    expect(lock.body).toMatchObject({ isActive: true, timeEnforcementEnds: until / 1000 });
    world.sandbox.faults.set({ kind: 'refuse-message', code: 463, phone, times: 1 });
    const refused = await world.api.post('/api/sendText', { session, chatId: `${customer}@c.us`, text: 'hello' });
    expect(refused).toMatchObject({
      status: 422,
      body: { statusCode: 422, code: 463, reason: 'reachout_timelock', until: new Date(until).toISOString() },
    });
    expect((await restriction(null)).timestamp).toBeGreaterThanOrEqual(until);
  });
});

describe('a message that WhatsApp refuses for a restriction', () => {
  it('makes the restriction known that nobody announced', async () => {
    const until = Math.floor(Date.now() / 1000) * 1000 + 3_600_000;
    world.sandbox.phone(phone).standing.lock({ active: true, until, silent: true });
    world.sandbox.faults.set({ kind: 'refuse-message', code: 463, phone, times: 1 });
    const { body } = await world.api.post('/api/sendText', { session, chatId: `${customer}@c.us`, text: 'hello' });
    expect(body).toMatchObject({ reason: 'reachout_timelock', until: new Date(until).toISOString() });
    await restriction(until);
    from = await world.mark();
    world.sandbox.phone(phone).standing.lock({ active: false });
    await restriction(null);
  });
});

describe('the quota of new chats', () => {
  const quota = (accept: (capping: { usedQuota: number; cappingStatus: string }) => boolean) =>
    world.hooks.next(
      'session.status',
      ({ session: name, payload }) => {
        const { messageCapping } = ((payload as SessionStatusPayload).data ?? {}) as {
          messageCapping?: { usedQuota: number; cappingStatus: string };
        };
        return name === session && messageCapping !== undefined && accept(messageCapping);
      },
      from,
    );
  const write = (to: string) => world.api.post('/api/sendText', { session, chatId: `${to}@c.us`, text: 'hello' });
  const end = Math.floor(Date.now() / 1000) + 3_600;

  it('counts people who are written to for the first time, and is 422 with its end when it is used up', async () => {
    world.sandbox.phone(phone).standing.cap({ total: 2, used: 1, status: 'FIRST_WARNING', cycleEnd: end * 1000 });
    await quota(({ cappingStatus }) => cappingStatus === 'FIRST_WARNING');
    expect((await write('4915200004071')).status).toBe(201);
    await quota(({ usedQuota }) => usedQuota === 2);
    const refused = await write('4915200004072');
    const until = new Date(end * 1000).toISOString();
    expect([refused.status, refused.body]).toMatchObject([422, { code: 475, reason: 'message_capping', until }]);
    expect((await write('4915200004071')).status).toBe(201);
    const shown = { cappingStatus: 'CAPPED', totalQuota: 2, usedQuota: 2, cycleEnd: end };
    expect((await world.api.get(`/api/sessions/${session}/me`)).body.messageCapping).toMatchObject(shown);
    const { body } = await world.api.get(`/api/sessions/${session}/capping`);
    expect(body).toMatchObject({ ...shown, cycleStart: null, mvStatus: 'NOT_ELIGIBLE', oteStatus: 'NOT_ELIGIBLE' });
    world.sandbox.phone(phone).standing.cap({ total: -1 });
    await quota(({ cappingStatus }) => cappingStatus === 'NONE');
  });
});

describe('a logout', () => {
  it('of a stopped session wipes it here, says so, and keeps the config', async () => {
    await world.api.post('/api/sessions/quiet/stop');
    const { status: code, body } = await world.api.post('/api/sessions/quiet/logout');
    expect([code, body.remote, body.status]).toEqual([201, 'offline', 'STOPPED']);
    expect((await world.api.get('/api/sessions/quiet')).body).toMatchObject({
      me: null,
      config: { noweb: { markOnline: false } },
    });
    from = await world.mark();
    await world.api.post('/api/sessions/quiet/start');
    await status('quiet', 'SCAN_QR_CODE');
    await world.api.delete('/api/sessions/quiet');
  });

  it('of a session that was never started works, too', async () => {
    await world.api.post('/api/sessions', { name: 'unborn', start: false });
    const { status: code, body } = await world.api.post('/api/sessions/unborn/logout');
    expect([code, body.remote, body.status]).toEqual([201, 'not_linked', 'STOPPED']);
    await world.api.delete('/api/sessions/unborn');
  });
});

describe('the wrong phone', () => {
  it('for a session that is pinned to another is unlinked at once', async () => {
    const stranger = '4915200004009';
    const unlinked = world.sandbox.next('unlink', ({ phone: number }) => number === stranger);
    await world.api.post('/api/sessions', { name: 'pinned', config: { metadata: { 'waha.phone': phone } } });
    await world.scan('pinned', stranger);
    const failed = await status('pinned', 'FAILED');
    expect(failed.payload).toMatchObject({ reason: 'wrong_phone_number', recoverable: false });
    expect(await unlinked).toMatchObject({ by: 'client' });
    await world.api.delete('/api/sessions/pinned');
  });
});

describe('a phone that unlinks the device', () => {
  it('fails the session for that reason and takes its account away', async () => {
    // Who is reconnecting in that moment learns of it at the login, which says less.
    await world.sandbox.contact(customer).send(phone, 'connected?');
    await world.hooks.next('message', ({ payload }) => (payload as WAMessage).body === 'connected?', from);
    world.sandbox.phone(phone).unlink();
    const failed = await status(session, 'FAILED');
    expect(failed.payload).toMatchObject({ reason: 'device_removed', recoverable: false });
    expect((await world.api.get(`/api/sessions/${session}/me`)).body).toBeNull();
    const refused = await world.api.post('/api/sendText', { session, chatId: `${customer}@c.us`, text: 'hello?' });
    expect(refused).toMatchObject({
      status: 422,
      body: { session, status: 'FAILED', expected: ['WORKING'], error: expect.any(String) },
    });
    expect(world.sandbox.stats().mostSocketsPerSession).toBe(1);
  });
});
