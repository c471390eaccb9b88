import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as errors from '../../../core/errors.ts';
import { type Route, RuntimeError, reply, route } from '../../../core/index.ts';
import { call, serve } from './serve.ts';

/** Each path throws what stands beside it. */
const thrown: Record<string, () => unknown> = {
  'bad-request': () => errors.badRequest('chatId is required', 'text must be string'),
  'bad-request-plain': () => new RuntimeError('BAD_REQUEST', 'chatId is required'),
  unauthorized: () => errors.unauthorized(),
  forbidden: () => errors.forbidden("this key may not use session 'a'"),
  'not-found': () => errors.sessionNotFound('a'),
  'too-large': () => errors.payloadTooLarge('50mb'),
  status: () => errors.sessionStatus('a', 'STOPPED', ['WORKING']),
  engine: () => errors.notImplementedByEngine('NOWEB', 'labels'),
  refused: () => errors.whatsAppRefused('the message', 463),
  'too-many': () => errors.tooManyRequests('too many restarts', 2.1),
  lost: () => errors.connectionLost('a', new Error('inner detail')),
  storage: () => errors.storageFailed('sqlite', 'the disk is full', new Error('inner detail')),
  unknown: () => new Error('inner detail'),
  text: () => 'inner detail',
  corrupt: () => errors.corruptAuth('a', new Error('inner detail')),
};

const routes: Route[] = Object.entries(thrown).map(([name, make]) =>
  route({
    method: 'GET',
    path: `/api/${name}`,
    summary: name,
    handle() {
      throw make();
    },
  }),
);
routes.push(
  route({ method: 'GET', path: '/api/bigint', summary: 'no JSON', handle: () => ({ n: 1n }) }),
  route({
    method: 'GET',
    path: '/api/split',
    summary: 'bad header',
    handle: () => reply({ json: {}, headers: { a: 'b\r\nc: d' } }),
  }),
);

let server: Awaited<ReturnType<typeof serve>>;
beforeAll(async () => {
  server = await serve({ routes });
});
afterAll(() => server.close());

const ask = async (path: string) => {
  const answer = await call(`${server.url}${path}`);
  return { status: answer.status, body: await answer.json(), retryAfter: answer.headers.get('retry-after') };
};

describe('the body of an error', () => {
  it.each([
    [
      'bad-request',
      400,
      { statusCode: 400, error: 'Bad Request', message: ['chatId is required', 'text must be string'] },
    ],
    ['bad-request-plain', 400, { statusCode: 400, error: 'Bad Request', message: ['chatId is required'] }],
    ['unauthorized', 401, { message: 'Unauthorized', statusCode: 401 }],
    ['forbidden', 403, { message: "this key may not use session 'a'", error: 'Forbidden', statusCode: 403 }],
    ['not-found', 404, { message: "session 'a' does not exist", error: 'Not Found', statusCode: 404 }],
    ['too-large', 413, { message: 'the body is larger than 50mb', error: 'Payload Too Large', statusCode: 413 }],
    ['engine', 422, { message: "engine NOWEB cannot do 'labels'", error: 'Unprocessable Entity', statusCode: 422 }],
    [
      'refused',
      422,
      {
        message: 'WhatsApp refused the message (error 463)',
        error: 'Unprocessable Entity',
        statusCode: 422,
        code: 463,
      },
    ],
  ])('of %s is that of the contract', async (path, status, body) => {
    expect(await ask(`/api/${path}`)).toEqual({ status, body, retryAfter: null });
  });

  it('of a wrong session status is WAHA’s own', async () => {
    const { status, body } = await ask('/api/status');
    expect(status).toBe(422);
    expect(body).toEqual({ error: expect.any(String), session: 'a', status: 'STOPPED', expected: ['WORKING'] });
  });

  it.each([
    ['too-many', 429, '3'],
    ['lost', 503, '5'],
    ['storage', 503, '5'],
  ])('of %s says when to try again', async (path, status, retryAfter) => {
    expect(await ask(`/api/${path}`)).toMatchObject({ status, retryAfter });
  });

  it.each(['unknown', 'text', 'bigint', 'split'])(
    'of %s says nothing about the inside, and the log does',
    async (path) => {
      const { status, body } = await ask(`/api/${path}`);
      expect(status).toBe(500);
      expect(body).toEqual({ message: 'Internal server error', error: 'Internal Server Error', statusCode: 500 });
      const line = server.log.lines.find(
        ({ level, fields }) => level === 'error' && (fields as { path?: string }).path === `/api/${path}`,
      );
      expect(line?.fields).toMatchObject({ method: 'GET', status: 500, err: expect.anything() });
    },
  );

  it('never shows the cause of an error', async () => {
    for (const path of ['lost', 'storage', 'corrupt']) {
      expect(JSON.stringify((await ask(`/api/${path}`)).body)).not.toContain('inner detail');
    }
  });
});

describe('an unknown route', () => {
  it('answers 404 in the usual shape', async () => {
    expect(await ask('/api/nothing?x=1')).toMatchObject({
      status: 404,
      body: { message: 'Cannot GET /api/nothing', error: 'Not Found', statusCode: 404 },
    });
  });

  it('is also a known path with another method', async () => {
    const answer = await call(`${server.url}/api/status`, { method: 'PATCH' });
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({
      message: 'Cannot PATCH /api/status; the nearest operation is GET /api/status (status)',
    });
  });
});
