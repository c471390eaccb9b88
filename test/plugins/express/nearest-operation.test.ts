import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sessions } from '../../../core/index.ts';
import { nearestOperation } from '../../../plugins/express/nearest-operation.ts';
import { serveApi } from '../waha-api/api.ts';
import { call } from './serve.ts';

let api: Awaited<ReturnType<typeof serveApi>>;
beforeAll(async () => {
  api = await serveApi({} as Sessions);
});
afterAll(() => api.close());

describe('an address that no operation has', () => {
  it.each([
    ['PUT', '/api/default/webhooks', 'PUT /api/sessions/{session}'],
    ['POST', '/api/sendtext', 'POST /api/sendText'],
    ['POST', '/api/default/sendText', 'POST /api/sendText'],
    ['GET', '/api/session/default', 'GET /api/sessions/{session}'],
    ['POST', '/api/sessions/default/starts', 'POST /api/sessions/{session}/start'],
    ['PATCH', '/api/sessions', 'POST /api/sessions'],
    ['POST', '/api/sendMessage', 'POST /api/sendText'],
    ['POST', '/api/send-text', 'POST /api/sendText'],
    ['POST', '/api/default/send_message', 'POST /api/sendText'],
    ['POST', '/api/sendDocument', 'POST /api/sendFile'],
    ['POST', '/api/sendAudio', 'POST /api/sendVoice'],
    ['POST', '/api/sendReaction', 'PUT /api/reaction'],
  ])('%s %s is answered with 404 and %s', async (method, path, nearest) => {
    const answer = await call(`${api.url}${path}`, { method });
    expect(answer.status).toBe(404);
    const { message } = (await answer.json()) as { message: string };
    expect(message).toContain(`the nearest operation is ${nearest} (`);
  });

  it('has none near when it is of something else, or endless', () => {
    const route = { method: 'GET', path: '/api/sessions', summary: 'List', handle: () => null } as const;
    expect(nearestOperation('GET', '/favicon.ico', [route])).toBeUndefined();
    expect(nearestOperation('GET', `/api${'/x'.repeat(100)}`, [route])).toBeUndefined();
    expect(nearestOperation('GET', '/api/a/b/c/d', [route])).toBeUndefined();
  });
});

describe('the document', () => {
  it('is at /-json, too, where generators look for it', async () => {
    const [one, other] = await Promise.all(['/openapi.json', '/-json'].map((path) => api.get(path)));
    expect(other).toEqual(one);
    expect(one?.status).toBe(200);
  });
});
