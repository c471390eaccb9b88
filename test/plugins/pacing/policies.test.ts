import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SendText } from '../../../core/engine.ts';
import { accountLimited } from '../../../core/engine.ts';
import { unavailable } from '../../../core/index.ts';
import { createTestHost, type TestHost } from '../../../core/testing/index.ts';
import pacing from '../../../plugins/pacing/index.ts';
import { isWithin, localTime, minuteOf, nextAt } from '../../../plugins/pacing/local-time.ts';

const fast = { known: { perMinute: 60_000, burst: 1000 }, new: { perMinute: 60_000, burst: 1000 } };
const hour = 3_600_000;
const day = 24 * hour;
let host: TestHost;
const start = async (config: object = {}): Promise<void> => {
  host = await createTestHost({
    plugins: [{ use: pacing, config: { ...fast, ...config } }, 'waha-api'],
    sessions: ['a'],
  });
};
afterEach(() => host?.close());

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
  readonly body: any;
}
const call = (method: string, path: string, body?: object, headers: Record<string, string> = {}) =>
  host.request(method as 'GET', path, { ...(body ? { body } : {}), headers }) as Promise<Answer>;
const text = (chatId: string, more: object = {}, headers = {}) =>
  call('POST', '/api/sendText', { session: 'a', chatId: `${chatId}@c.us`, text: `to ${chatId}`, ...more }, headers);
const sent = () =>
  host.outgoing.filter(({ method }) => method === 'messages.sendText').map(({ args }) => (args[0] as SendText).text);
const queue = async () => (await call('GET', '/api/a/queue')).body;
const at = (milliseconds: number) => new Date(host.clock.now() + milliseconds).toISOString();
const change = (config: object) => call('PUT', '/api/sessions/a', { config: { pacing: config } });

describe('a session with policies', () => {
  it('begins so many new chats a day, which grow with its warm-up; known chats go on', async () => {
    await start();
    expect((await change({ newChatsPerDay: 4, warmUp: { days: 2, from: 2 } })).status).toBe(200);
    for (const one of ['1', '2']) expect((await text(one)).status).toBe(201);
    const held = await text('3');
    expect([held.status, held.body]).toMatchObject([429, { reason: 'new_chats_per_day' }]);
    const midnight = (Math.floor(host.clock.now() / day) + 1) * day;
    expect(held.body.until).toBe(midnight);
    expect((await text('1')).status).toBe(201);
    await host.clock.pass(midnight - host.clock.now());
    for (const one of ['3', '4', '5']) expect((await text(one)).status).toBe(201);
    expect((await text('6')).status).toBe(429);
    expect((await queue()).newChatsToday).toBe(3);
    host.client('a').messages.sendText.answers(() => Promise.reject(unavailable('the connection closed')));
    await host.clock.pass(day);
    // What did not go out is not counted.
    for (let times = 0; times < 6; times++) expect((await text('7')).status).toBe(503);
  });

  it('rests in its quiet hours, in its own time zone', async () => {
    await start();
    const berlin = 'Europe/Berlin';
    const { minute } = localTime(host.clock.now(), berlin);
    const time = (minutes: number) => new Date(((minutes + 1440) % 1440) * 60_000).toISOString().slice(11, 16);
    await change({ timeZone: berlin, quietHours: { from: time(minute - 10), to: time(minute + 50) } });
    await host.emit('message.any', { from: '1@c.us' }, { session: 'a' });
    expect((await text('1')).body).toMatchObject({ statusCode: 429, reason: 'quiet_hours' });
    await change({ timeZone: berlin, quietHours: { from: time(minute - 10), to: time(minute + 50), chats: 'new' } });
    expect([(await text('1')).status, (await text('2')).status]).toEqual([201, 429]);
    await host.clock.pass(hour);
    expect((await text('2')).status).toBe(201);
  });

  it('has them checked', async () => {
    await start();
    for (const wrong of [
      { timeZone: 'Mars/Base' },
      { quietHours: { from: '25:00', to: '08:00' } },
      { newChatsPerDay: -1 },
      { whenHeld: 'drop' },
      { quiteHours: { from: '22:00', to: '08:00' } },
      { quietHours: { from: '22:00', to: '08:00', chat: 'new' } },
      { known: { perMinutes: 3 } },
      { warmUp: { days: 3, from: 2 } },
      { newChatsPerDay: 5, warmUp: { days: 3, from: 6 } },
      { newChatsPerDay: 5, warmUp: { days: 3, from: 2, to: 5 } },
    ])
      expect([wrong, (await change(wrong)).status]).toEqual([wrong, 400]);
    expect((await change({ quiteHours: { from: '22:00', to: '08:00' } })).body.message).toContain(
      "config.pacing.quiteHours is unknown; did you mean 'quietHours'?",
    );
    expect((await change({ newChatsPerDay: 5, warmUp: { days: 3, from: 6 } })).body.message).toContain(
      'config.pacing.warmUp.from must be at most newChatsPerDay, which is 5',
    );
    expect((await change({ newChatsPerDay: 5, warmUp: { days: 3, from: 5 } })).status).toBe(200);
  });

  it('may leave the cap of its warm-up to the YAML, and have a lower one than its warm-up begins with', async () => {
    await start({ newChatsPerDay: 4, warmUp: { days: 2, from: 2 } });
    expect((await change({ warmUp: { days: 5, from: 1 } })).status).toBe(200);
    expect((await queue()).newChatsToday).toBe(1);
    expect((await change({ warmUp: { days: 5, from: 5 } })).status).toBe(400);
    expect((await change({ newChatsPerDay: 1 })).status).toBe(200);
    expect((await queue()).newChatsToday).toBe(1);
  });

  it('is refused where nothing would keep to them', async () => {
    host = await createTestHost({ plugins: ['waha-api'], sessions: ['a'] });
    const refused = await change({ newChatsPerDay: 1 });
    expect([refused.status, refused.body.message]).toMatchObject([
      400,
      [expect.stringContaining('add `- use: pacing`')],
    ]);
    expect((await change({})).status).toBe(200);
    await host.close();
    const plugins = [{ use: pacing, sessions: { include: ['shop-*'] } }, 'waha-api'] as const;
    host = await createTestHost({ plugins: [...plugins], sessions: ['a'] });
    expect((await change({ newChatsPerDay: 1 })).body.message).toMatchObject([
      "config.pacing: the plugin 'pacing' does not work for session 'a'",
    ]);
  });

  it('has a pace of its own where the YAML has none', async () => {
    await start({ known: null, new: null, maxWaitMs: 0 });
    for (let one = 0; one < 12; one++) expect((await text(String(one))).status).toBe(201);
    await change({ new: { perMinute: 6, burst: 1 } });
    expect([(await text('20')).status, (await text('21')).status]).toEqual([201, 429]);
    await host.clock.pass(10_000);
    expect((await text('21')).status).toBe(201);
  });

  it('knows the chats of the time before it had policies by its store', async () => {
    await start({ known: null, new: null });
    const { messageReading } = host.client('a');
    messageReading?.list.answers(async (chat) => (chat === '1@c.us' ? ([{ id: 'A' }] as never) : []));
    await host.sessions.update('a', { noweb: { store: { enabled: true } }, pacing: { newChatsPerDay: 0 } });
    expect([(await text('1')).status, (await text('2')).status]).toEqual([201, 429]);
  });

  it('has none of them unless it says so', async () => {
    await start();
    for (let one = 0; one < 30; one++) expect((await text(String(one))).status).toBe(201);
  });

  it('may have what is held wait in the queue', async () => {
    await start({ newChatsPerDay: 1, whenHeld: 'queue' });
    expect((await text('1')).status).toBe(201);
    const held = await text('2', {}, { 'idempotency-key': 'two' });
    expect([held.status, held.body]).toMatchObject([
      202,
      { chatId: '2@c.us', operation: 'POST /api/sendText', reason: 'new_chats_per_day', status: 'waiting' },
    ]);
    expect((await text('2', {}, { 'idempotency-key': 'two' })).body.id).toBe(held.body.id);
    await host.clock.pass(day);
    expect(sent()).toEqual(['to 1', 'to 2']);
    const again = await text('2', {}, { 'idempotency-key': 'two' });
    expect([again.status, sent().length]).toEqual([201, 2]);
  });
});

describe('a changed policy', () => {
  const held = async () => (await queue()).entries.map(({ chatId }: { readonly chatId: string }) => chatId);
  const all = { from: '00:00', to: '00:00' };

  it('lets go of what the one before held, in its order, and what this one holds waits on', async () => {
    await start({ whenHeld: 'queue' });
    await change({ quietHours: all });
    for (const one of ['1', '2', '3']) {
      expect((await text(one)).status).toBe(202);
      await host.clock.pass(10);
    }
    await text('9', { sendAt: at(2 * hour) });
    await change({ newChatsPerDay: 2 });
    await host.clock.pass(0);
    expect([sent(), await held()]).toEqual([
      ['to 1', 'to 2'],
      ['9@c.us', '3@c.us'],
    ]);
    expect((await queue()).entries[1]).toMatchObject({ reason: 'new_chats_per_day' });
    await change({ newChatsPerDay: 3 });
    await host.clock.pass(0);
    expect([sent(), await held()]).toEqual([['to 1', 'to 2', 'to 3'], ['9@c.us']]);
  });

  it('of another session changes nothing, and brings nothing back that was taken out', async () => {
    await host?.close();
    host = await createTestHost({
      plugins: [{ use: pacing, config: { ...fast, whenHeld: 'queue', quietHours: all } }, 'waha-api'],
      sessions: ['a', 'b'],
    });
    const { body } = await text('1');
    await call('PUT', '/api/sessions/b', { config: { pacing: { newChatsPerDay: 1 } } });
    await host.clock.pass(0);
    expect(await held()).toEqual(['1@c.us']);
    await Promise.all([change({ newChatsPerDay: 1 }), call('DELETE', `/api/a/queue/${body.id}`)]);
    await host.clock.pass(0);
    expect(await held()).toEqual([]);
  });
});

describe('the send queue', () => {
  beforeEach(() => start());

  it('sends at a time, in order, and is empty then', async () => {
    const later = await text('2', { sendAt: at(2 * hour) });
    const sooner = await text('1', { sendAt: Math.floor(host.clock.now() / 1000) + 3600 });
    expect([later.status, sooner.status]).toEqual([202, 202]);
    expect(await queue()).toMatchObject({
      size: 2,
      isPaused: false,
      entries: [{ chatId: '1@c.us' }, { chatId: '2@c.us' }],
    });
    await host.clock.pass(hour);
    expect(sent()).toEqual(['to 1']);
    await host.clock.pass(hour);
    expect([sent(), (await queue()).size]).toEqual([['to 1', 'to 2'], 0]);
  });

  it('is paused and resumed, rescheduled and emptied', async () => {
    expect((await call('POST', '/api/a/queue/pause')).body.isPaused).toBe(true);
    const { body: one } = await text('1', { sendAt: at(1000) });
    const { body: two } = await text('2', { sendAt: at(2000) });
    await text('3', { sendAt: at(3000) });
    await host.clock.pass(5000);
    expect(sent()).toEqual([]);
    expect((await call('PUT', `/api/a/queue/${one.id}`, { sendAt: at(hour) })).body.sendAt).toBe(
      host.clock.now() + hour,
    );
    expect((await call('DELETE', `/api/a/queue/${two.id}`)).status).toBe(200);
    expect((await call('DELETE', `/api/a/queue/${two.id}`)).status).toBe(404);
    await call('POST', '/api/a/queue/resume');
    await host.clock.pass(0);
    expect(sent()).toEqual(['to 3']);
    expect((await call('DELETE', '/api/a/queue')).body).toEqual({ removed: 1 });
    await host.clock.pass(2 * hour);
    expect(sent()).toEqual(['to 3']);
  });

  it('waits for the end of a limit of WhatsApp, tries what may pass again, and keeps what cannot be sent', async () => {
    const { sendText } = host.client('a').messages;
    const until = host.clock.now() + 3 * hour;
    const errors = [accountLimited('message_capping', until), unavailable('the connection closed')];
    let tries = 0;
    sendText.answers(async () => {
      tries += 1;
      const error = errors.shift();
      if (error) throw error;
      return { id: 'true_1@c.us_A', fromMe: true, ackName: 'SERVER' } as never;
    });
    await text('1', { sendAt: at(0) });
    await host.clock.pass(10);
    expect((await queue()).entries).toMatchObject([{ sendAt: until, reason: 'message_capping', attempts: 0 }]);
    await host.clock.pass(3 * hour);
    await host.clock.pass(10_000);
    expect([tries, (await queue()).size]).toEqual([3, 0]);
    sendText.answers(() => Promise.reject(accountLimited('reachout_timelock', null)));
    await text('2', { sendAt: at(0) });
    await host.clock.pass(10);
    expect((await queue()).entries[0].reason).toBe('reachout_timelock');
    await call('DELETE', '/api/a/queue');
    await call('POST', '/api/sendText', { session: 'a', chatId: '', text: 'x', sendAt: at(0) });
    expect((await queue()).size).toBe(0);
  });

  it('takes a send in the query, too', async () => {
    const ask = (sendAt: string) =>
      host.request('GET', '/api/sendText', { query: { session: 'a', phone: '1', text: 'later', sendAt } });
    const iso = await ask(at(hour));
    const seconds = await ask(String(Math.floor(host.clock.now() / 1000) + 3600));
    expect([iso, seconds]).toMatchObject([
      { status: 202, body: { operation: 'GET /api/sendText', chatId: '1', sendAt: host.clock.now() + hour } },
      { status: 202, body: { sendAt: (Math.floor(host.clock.now() / 1000) + 3600) * 1000 } },
    ]);
    expect([(await ask('soon')).status, (await ask('')).status]).toEqual([400, 400]);
    await host.clock.pass(hour);
    expect(sent()).toEqual(['later', 'later']);
  });

  it('says what is wrong with a time, a session or an id', async () => {
    expect((await text('1', { sendAt: 'tomorrow' })).status).toBe(400);
    expect((await text('1', { sendAt: 1e12 })).status).toBe(400);
    expect((await text('1', { sendAt: null })).status).toBe(201);
    expect((await call('POST', '/api/sendText', { session: 'x', chatId: '1', text: 'x', sendAt: at(1) })).status).toBe(
      404,
    );
    expect(
      (await text('1', { sendAt: at(1000), text: 'x'.repeat(65_000), mentions: Array(1000).fill('y'.repeat(1500)) }))
        .status,
    ).toBe(413);
    for (const [method, path] of [
      ['GET', '/api/x/queue'],
      ['POST', '/api/x/queue/pause'],
      ['DELETE', '/api/x/queue'],
      ['DELETE', '/api/a/queue/nothing'],
    ] as const)
      expect([path, (await call(method, path)).status]).toEqual([path, 404]);
  });

  it('goes with its session', async () => {
    await text('1', { sendAt: at(hour) });
    await call('POST', '/api/a/queue/pause');
    expect((await call('DELETE', '/api/sessions/a')).status).toBe(200);
    await host.link(['a']);
    expect(await queue()).toMatchObject({ size: 0, isPaused: false, entries: [] });
    await host.clock.pass(2 * hour);
    expect(sent()).toEqual([]);
  });

  it('has room for so many', async () => {
    await host.close();
    await start({ maxQueued: 2 });
    for (const one of ['1', '2']) expect((await text(one, { sendAt: at(hour) })).status).toBe(202);
    expect((await text('3', { sendAt: at(hour) })).status).toBe(429);
  });
});

describe('a time of day', () => {
  it('is read in its zone, and spans go over midnight', () => {
    expect(localTime(Date.parse('2026-07-01T22:30:00Z'), 'Europe/Berlin')).toEqual({ date: '2026-07-02', minute: 30 });
    expect([isWithin(30, minuteOf('22:00'), minuteOf('06:00')), isWithin(720, 1320, 360)]).toEqual([true, false]);
    const now = Date.parse('2026-07-01T22:30:20Z');
    expect(new Date(nextAt(now, 1350, 0)).toISOString()).toBe('2026-07-02T00:00:00.000Z');
  });
});
