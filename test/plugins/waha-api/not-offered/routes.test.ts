import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { send } from '../../express/serve.ts';
import { apiOnFakes } from '../api.ts';

let api: Awaited<ReturnType<typeof apiOnFakes>>;
beforeAll(async () => {
  api = await apiOnFakes();
  await api.post('/api/sessions', { name: 'default', start: false });
});
afterAll(() => api.close());

const event = { chatId: '11111111111@c.us', event: { name: 'Dinner', startTime: 2_063_137_000 } };

describe('an operation that this engine cannot do', () => {
  it.each([
    ['DELETE', '/api/default/chats/1@c.us', undefined, 'archive'],
    ['DELETE', '/api/default/chats/1@c.us/messages', undefined, 'one by one'],
    ['DELETE', '/api/default/groups/120363000000000001@g.us', undefined, 'leave'],
    ['POST', '/api/default/events', event, 'event.response'],
    ['GET', '/api/server/debug/browser/trace/default?seconds=5&categories=*', undefined, 'cpu'],
  ])('%s %s answers 422 and says what can be done', async (method, path, body, hint) => {
    const answer = await send(method, `${api.url}${path}`, body);
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ message: expect.stringContaining(hint) });
    const unknown = await send(method, `${api.url}${path.replace('default', 'nobody')}`, body);
    expect(unknown.status).toBe(404);
  });
});
