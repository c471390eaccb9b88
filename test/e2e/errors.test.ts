import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiKey } from '../support/deployment.ts';
import { World } from '../support/world.ts';

let world: World;

beforeAll(async () => {
  world = await World.start({ timings: { client: 50, qrWait: 50 }, more: {} });
  await world.api.post('/api/sessions', { name: 'off', start: false });
});
afterAll(() => world.close());

const post = (path: string, body: unknown) => ['POST', path, JSON.stringify(body)] as const;

describe('a wrong body', () => {
  const session = (config: object) => post('/api/sessions', { name: 'x', config });
  const private10 = ['http://127.0.0.1:9/', 'http://10.0.0.8/hook'].map((url) => ({ url, events: ['*'] }));
  it.each<[string, readonly [string, string, string]]>([
    ['name', post('/api/sessions', { name: 7 })],
    ['name', post('/api/sessions', { name: '../x' })],
    ['name', post('/api/sessions', { name: 'sessions' })],
    ['start', post('/api/sessions', { start: 'soon' })],
    ['config', post('/api/sessions', { config: 'x' })],
    ['config.debug', session({ debug: 'yes' })],
    ['config.metadata.team', session({ metadata: { team: 7 } })],
    ['config.proxy.server', session({ proxy: {} })],
    ['config.ignore.groups', session({ ignore: { groups: 'all' } })],
    ['config.client.deviceName', session({ client: { deviceName: 7 } })],
    ['config.noweb.markOnline', session({ noweb: { markOnline: 'no' } })],
    ['config.webhooks.0.url', session({ webhooks: [{ events: ['*'] }] })],
    ['config.webhooks.0.url', session({ webhooks: [{ url: 'ftp://x', events: ['*'] }] })],
    ['config.webhooks.0.url', session({ webhooks: [{ url: 'http://169.254.169.254/latest', events: ['*'] }] })],
    ['config.webhooks.0.url', session({ webhooks: [{ url: 'http://user:secret@crm.example/', events: ['*'] }] })],
    ['config.webhooks.1.url', ['PUT', '/api/sessions/off', JSON.stringify({ config: { webhooks: private10 } })]],
    ['config.webhooks.0.events', session({ webhooks: [{ url: 'http://localhost/x', events: ['nothing'] }] })],
    [
      'config.webhooks.0.retries',
      session({ webhooks: [{ url: 'http://localhost', events: [], retries: { policy: 1 } }] }),
    ],
    ['name', post('/api/sessions/start', {})],
    ['name', post('/api/sessions/stop', {})],
    ['logout', post('/api/sessions/stop', { name: 'x', logout: 'please' })],
    ['name', post('/api/sessions/logout', { name: '' })],
    ['phoneNumber', post('/api/off/auth/request-code', {})],
    ['chatId', post('/api/sendText', { session: 'off', text: 'x' })],
    ['text', post('/api/sendText', { session: 'off', chatId: '1@c.us' })],
  ])('is answered with 400 and the name of the field: %s', async (field, [method, path, body]) => {
    const answer = await world.api.call(method, path, body);
    expect(answer).toMatchObject({ status: 400, body: { statusCode: 400, error: 'Bad Request' } });
    expect(answer.body.message.some((line: string) => line.startsWith(field))).toBe(true);
  });

  it.each(['{', '{"name":', 'name=x', '[]', '7', '"x"'])(
    'that is no JSON object is answered with 400: %s',
    async (body) => {
      const answer = await world.api.call('POST', '/api/sessions', body);
      expect(answer).toMatchObject({ status: 400, body: { statusCode: 400, error: 'Bad Request' } });
      expect(answer.body.message).toHaveLength(1);
    },
  );

  it('may hold fields that nobody knows', async () => {
    const answer = await world.api.post('/api/sessions', {
      name: 'tolerant',
      start: false,
      colour: 'blue',
      config: { shade: 'dark', metadata: { a: 'b' }, noweb: { shade: 'dark' } },
    });
    expect(answer).toMatchObject({ status: 201, body: { name: 'tolerant', config: { metadata: { a: 'b' } } } });
    expect(JSON.stringify(answer.body)).not.toContain('blue');
    expect((await world.api.delete('/api/sessions/tolerant')).status).toBe(200);
  });
});

describe('an operation on a session', () => {
  const unknown = { message: expect.stringContaining("'nobody'"), error: 'Not Found', statusCode: 404 };
  it.each([
    ['GET', '/api/sessions/nobody'],
    ['GET', '/api/sessions/nobody/me'],
    ['GET', '/api/sessions/nobody/transitions'],
    ['PUT', '/api/sessions/nobody'],
    ['POST', '/api/sessions/nobody/start'],
    ['POST', '/api/sessions/nobody/stop'],
    ['POST', '/api/sessions/nobody/restart'],
    ['POST', '/api/sessions/nobody/logout'],
    ['GET', '/api/nobody/auth/qr'],
    ['GET', '/api/screenshot?session=nobody'],
  ])('that does not exist is answered with 404: %s %s', async (method, path) => {
    const answer = await world.api.call(method, path, method === 'GET' ? undefined : '{}');
    expect([answer.status, answer.body]).toEqual([404, unknown]);
  });

  it.each([
    ['POST', '/api/sessions/%20/logout'],
    ['POST', '/api/sessions/a%2Fb/start'],
    ['DELETE', '/api/sessions/..%2F..%2Fetc'],
    ['GET', '/api/sessions/a%00b'],
  ])('with a name that is none is answered with 400: %s %s', async (method, path) => {
    const answer = await world.api.call(method, path, method === 'POST' ? '{}' : undefined);
    expect(answer).toMatchObject({ status: 400, body: { statusCode: 400, error: 'Bad Request' } });
  });

  it('whose name is taken is answered with 422 that says to use PUT', async () => {
    const answer = await world.api.post('/api/sessions', { name: 'off' });
    const message = expect.stringContaining('PUT /api/sessions/off');
    expect(answer).toMatchObject({ status: 422, body: { message, error: 'Unprocessable Entity', statusCode: 422 } });
  });

  const wrongStatus = (expected: string) => ({
    error: 'Session status is not as expected. Try again later or restart the session',
    session: 'off',
    status: 'STOPPED',
    expected: [expected],
  });
  it.each([
    ['POST', '/api/sendText', { session: 'off', chatId: '1@c.us', text: 'x' }, 'WORKING'],
    ['POST', '/api/sendSeen', { session: 'off', chatId: '1@c.us' }, 'WORKING'],
    ['POST', '/api/startTyping', { session: 'off', chatId: '1@c.us' }, 'WORKING'],
    ['POST', '/api/stopTyping', { session: 'off', chatId: '1@c.us' }, 'WORKING'],
    ['GET', '/api/off/auth/qr', undefined, 'SCAN_QR_CODE'],
    ['GET', '/api/screenshot?session=off', undefined, 'SCAN_QR_CODE'],
    ['POST', '/api/off/auth/request-code', { phoneNumber: '4915200006001' }, 'SCAN_QR_CODE'],
  ])('in the wrong status is answered with 422 and both statuses: %s %s', async (method, path, body, expected) => {
    const answer = await world.api.call(method, path, body && JSON.stringify(body));
    expect([answer.status, answer.body]).toEqual([422, wrongStatus(expected)]);
  });

  it.each([
    ['GET', '/api/off/auth/passkey/challenge', 'PASSKEY_REQUIRED'],
    ['GET', '/api/off/auth/passkey/confirmation', 'PASSKEY_CONFIRMATION_REQUIRED'],
    ['POST', '/api/off/auth/passkey/confirm', 'PASSKEY_CONFIRMATION_REQUIRED'],
  ])('that needs a linking by passkey is answered with 422: %s %s', async (method, path, expected) => {
    const answer = await world.api.call(method, path, method === 'POST' ? '{}' : undefined);
    expect([answer.status, answer.body]).toMatchObject([422, { session: 'off', expected: [expected] }]);
  });

  it('that is restarted again and again is answered with 429 and the time to wait', async () => {
    await world.api.post('/api/sessions', { name: 'stormy' });
    let answer = await world.api.post('/api/sessions/stormy/restart');
    for (let round = 0; round < 12 && answer.status === 201; round++) {
      await world.api.post('/api/sessions/stormy/stop');
      answer = await world.api.post('/api/sessions/stormy/restart');
    }
    expect(answer).toMatchObject({ status: 429, body: { statusCode: 429, error: 'Too Many Requests' } });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    await world.api.delete('/api/sessions/stormy');
  });
});

describe('a request', () => {
  it.each([[undefined], [''], ['wrong'], [`${apiKey}x`]])('with the key %s is answered with 401', async (key) => {
    const response = await fetch(`${world.api.url}/api/sessions`, {
      headers: key === undefined ? {} : { 'x-api-key': key },
    });
    expect([response.status, await response.json()]).toEqual([401, { message: 'Unauthorized', statusCode: 401 }]);
  });

  it('whose body is larger than the limit is answered with 413', async () => {
    const text = 'x'.repeat(1024 * 1024);
    const answer = await world.api.post('/api/sendText', { session: 'off', chatId: '1@c.us', text });
    const message = 'the body is larger than 1mb';
    expect([answer.status, answer.body]).toEqual([413, { message, error: 'Payload Too Large', statusCode: 413 }]);
    expect((await world.api.get('/ping')).body).toEqual({ message: 'pong' });
  });

  it('to a path that nobody serves is answered with 404', async () => {
    const answer = await world.api.get('/api/nothing/here');
    expect(answer).toMatchObject({ status: 404, body: { error: 'Not Found', statusCode: 404 } });
  });

  it('to an unknown session for its deletion is fine', async () => {
    expect((await world.api.delete('/api/sessions/nobody')).status).toBe(200);
  });
});
