import { afterEach, describe, expect, it, vi } from 'vitest';
import type { SessionStatusPayload } from '../../core/contracts/session.ts';
import { World, type WorldOptions } from '../support/world.ts';

/**
 * Seven codes, faster than the product's. The last one is long: a new connection has to fit into its time. A machine that is
 * busy skips some, since they go by the clock; how many there are is told where the clock is simulated.
 */
const fastQr = { qr: [300, 150, 150, 150, 150, 150, 4_000] };

/** For who looks at the codes now and then: most of them are there for long. */
const mixedQr = { qr: [300, 300, 3_000, 3_000, 3_000, 3_000, 3_000] };

let world: World | undefined;
const start = async (options: WorldOptions = {}): Promise<World> => {
  world = await World.start(options);
  return world;
};
afterEach(async () => {
  await world?.close();
  world = undefined;
});

describe('a session that nobody scans', () => {
  // Each waits some seconds until its codes are over: all of them do so at the same time.
  it.concurrent.for<[string, number, boolean]>([
    ['when the server hands out enough codes', 7, false],
    ['when the server hands out only six', 6, false],
    ['when the connection drops in between', 6, true],
  ])(
    'shows one code after the other, then fails with qr_timeout: %s',
    async ([_name, refs, drops], { onTestFinished }) => {
      const own = await World.start({ timings: fastQr, sandbox: { refs } });
      onTestFinished(() => own.close());
      const { api, hooks, sandbox } = own;
      await api.post('/api/sessions', { name: 'lonely' });
      const first = await hooks.status('lonely', 'SCAN_QR_CODE');
      if (drops) {
        await hooks.status('lonely', 'SCAN_QR_CODE', hooks.all.findIndex(({ event }) => event === first) + 1);
        sandbox.disconnect('reset');
      }
      const failed = await hooks.status('lonely', 'FAILED');
      const codes = hooks.statuses('lonely').filter((status) => status === 'SCAN_QR_CODE');
      expect(codes.length).toBeGreaterThanOrEqual(2);
      expect(codes.length).toBeLessThanOrEqual(drops ? 8 : 7);
      expect(failed.payload).toMatchObject({ reason: 'qr_timeout', recoverable: false });
      expect(hooks.statuses('lonely').filter((status) => status === 'STARTING')).toHaveLength(1);
      const lasted = failed.timestamp - first.timestamp;
      expect(lasted).toBeGreaterThan(2_000);
      const closed = () => expect(sandbox.stats()).toMatchObject({ sockets: 0, mostSocketsPerSession: 1 });
      await vi.waitFor(closed, 50_000);
      expect((await api.get('/api/lonely/auth/qr')).status).toBe(422);
    },
  );

  it('hands out another code each time, and never one that is over', async () => {
    const { api } = await start({ timings: mixedQr });
    const seen: string[] = [];
    await api.post('/api/sessions', { name: 'lonely' });
    const look = async (): Promise<number> => {
      const { value } = (await api.get('/api/lonely/auth/qr?format=raw')).body;
      if (value !== undefined && value !== seen.at(-1)) seen.push(value);
      return seen.length;
    };
    await expect.poll(look).toBeGreaterThanOrEqual(3);
    expect(new Set(seen).size).toBe(seen.length);
  });
});

describe('a QR code', () => {
  it('comes as PNG, as base64 and as text, and as a screenshot', async () => {
    const { api, hooks } = await start();
    await api.post('/api/sessions', { name: 'ana' });
    const png = await api.get('/api/ana/auth/qr');
    expect([png.status, png.headers.get('content-type')]).toEqual([200, 'image/png']);
    expect(png.body.subarray(1, 4).toString()).toBe('PNG');
    const json = await api.get('/api/ana/auth/qr', { accept: 'application/json' });
    expect(json.body).toEqual({ mimetype: 'image/png', data: png.body.toString('base64') });
    const raw = await api.get('/api/ana/auth/qr?format=raw');
    expect(raw.body.value).toMatch(/2@/);
    const screenshot = await api.get('/api/screenshot?session=ana');
    expect(screenshot.body).toEqual(png.body);
    await hooks.status('ana', 'SCAN_QR_CODE');
    expect(hooks.statuses('ana')).toEqual(['STARTING', 'SCAN_QR_CODE']);
  });
});

describe('a pairing code', () => {
  const phone = '4915200003001';

  it('is waited for while STARTING, handed out again while it lives, and links', async () => {
    const { api, hooks, sandbox } = await start();
    await api.post('/api/sessions', { name: 'typed' });
    const ask = () => api.post('/api/typed/auth/request-code', { phoneNumber: `+49 (152) 0000-3001` });
    const [first, second] = await Promise.all([ask(), ask()]);
    expect(first).toMatchObject({ status: 201, body: { code: expect.stringMatching(/^[A-Z0-9]{4}-[A-Z0-9]{4}$/) } });
    expect(second.body).toEqual(first.body);
    await sandbox.phone(phone).enterCode(first.body.code);
    const event = await hooks.status('typed', 'WORKING');
    expect((event.payload as SessionStatusPayload).statuses.at(-1)?.status).toBe('WORKING');
    expect(hooks.statuses('typed')).toEqual(['STARTING', 'SCAN_QR_CODE', 'STARTING', 'WORKING']);
    expect((await api.get('/api/sessions/typed/me')).body.id).toBe(`${phone}@c.us`);
  });

  it('that nobody types leaves the QR code usable, and nothing behind after a restart', async () => {
    const { api, hooks, sandbox } = await start({ timings: { pairingCooldown: 0 } });
    await api.post('/api/sessions', { name: 'untyped' });
    await api.post('/api/untyped/auth/request-code', { phoneNumber: phone });
    await hooks.status('untyped', 'SCAN_QR_CODE');
    const from = await (world as World).mark();
    await api.post('/api/sessions/untyped/restart');
    await hooks.status('untyped', 'SCAN_QR_CODE', from);
    expect((await api.get('/api/sessions/untyped/me')).body).toBeNull();
    const again = await api.post('/api/untyped/auth/request-code', { phoneNumber: phone });
    expect(again.status).toBe(201);
    const { body } = await api.get('/api/untyped/auth/qr?format=raw');
    await sandbox.phone(phone).scan(body.value);
    await hooks.status('untyped', 'WORKING');
  });

  it('that WhatsApp refuses for a while is a 429 that says when to ask again', async () => {
    const { api, sandbox } = await start();
    await api.post('/api/sessions', { name: 'typed' });
    sandbox.faults.set({ kind: 'refuse-code', phone, code: 429, backoff: 300 });
    const refused = await api.post('/api/typed/auth/request-code', { phoneNumber: phone });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '300']);
    sandbox.faults.clear();
    expect((await api.post('/api/typed/auth/request-code', { phoneNumber: phone })).status).toBe(429);
    expect((await api.get('/api/sessions/typed')).body.status).toBe('SCAN_QR_CODE');
  });

  it('for what is no number is refused with the field', async () => {
    const { api } = await start();
    await api.post('/api/sessions', { name: 'typed' });
    const refused = await api.post('/api/typed/auth/request-code', { phoneNumber: 'call me' });
    expect(refused).toMatchObject({ status: 400, body: { statusCode: 400, error: 'Bad Request' } });
    expect(refused.body.message[0]).toMatch(/^phoneNumber /);
  });
});
