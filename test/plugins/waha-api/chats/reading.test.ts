import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Sessions } from '../../../../core/index.ts';
import { serveApi } from '../api.ts';

/** What was asked of the capabilities: name, method and arguments. */
let asked: unknown[][];
const sessions = {
  capability: async (session: string, name: string) =>
    new Proxy(
      {},
      {
        get: (_, method) =>
          method === 'then'
            ? undefined
            : async (...args: unknown[]) => {
                asked.push([session, `${name}.${String(method)}`, ...args]);
                return [];
              },
      },
    ),
} as unknown as Sessions;

let api: Awaited<ReturnType<typeof serveApi>>;
beforeAll(async () => {
  api = await serveApi(sessions);
});
beforeEach(() => {
  asked = [];
});
afterAll(() => api.close());

const ask = async (path: string): Promise<unknown[] | undefined> => {
  expect([path, (await api.get(path)).status]).toEqual([path, 200]);
  return asked.at(-1);
};

describe('reading', () => {
  it('of chats hands on what was asked for, and nothing that was not', async () => {
    expect(await ask('/api/a/chats')).toEqual(['a', 'chatReading.list', { merge: true }]);
    const query = 'sortBy=name&sortOrder=desc&merge=false&limit=3&offset=6';
    expect(await ask(`/api/a/chats?${query}`)).toEqual([
      'a',
      'chatReading.list',
      { sortBy: 'name', sortOrder: 'desc', merge: false, limit: 3, offset: 6 },
    ]);
  });

  it('of an overview takes ids once, several times, or with commas', async () => {
    const overview = async (query: string) => (await ask(`/api/a/chats/overview${query}`))?.[2];
    expect(await overview('')).toEqual({ limit: 20, merge: true });
    expect(await overview('?ids=1@c.us')).toMatchObject({ ids: ['1@c.us'] });
    expect(await overview('?ids=1@c.us,2@c.us')).toMatchObject({ ids: ['1@c.us', '2@c.us'] });
    expect(await overview('?ids=1@c.us&ids=2@c.us&limit=5')).toEqual({
      ids: ['1@c.us', '2@c.us'],
      limit: 5,
      merge: true,
    });
    const body = { pagination: { limit: 7, merge: false }, filter: { ids: ['1@c.us'] } };
    expect((await api.post('/api/a/chats/overview', body)).status).toBe(201);
    expect(asked.at(-1)?.[2]).toEqual({ limit: 7, merge: false, ids: ['1@c.us'] });
    expect((await api.post('/api/a/chats/overview', {})).status).toBe(400);
  });

  it('of messages has ten of them by default, and all filters', async () => {
    const plain = { limit: 10, downloadMedia: true, merge: true, filter: {} };
    expect(await ask('/api/a/chats/1@c.us/messages')).toEqual(['a', 'messageReading.list', '1@c.us', plain]);
    const filters = 'filter.timestamp.gte=5&filter.timestamp.lte=9&filter.fromMe=true&filter.ack=READ';
    expect((await ask(`/api/a/chats/1/messages?sortBy=timestamp&sortOrder=asc&${filters}`))?.[3]).toEqual({
      ...plain,
      sortOrder: 'asc',
      filter: { timestampGte: 5, timestampLte: 9, fromMe: true, ack: 3 },
    });
    expect((await ask('/api/messages?session=b&chatId=1&limit=2'))?.slice(0, 3)).toEqual([
      'b',
      'messageReading.list',
      '1',
    ]);
    expect((await ask('/api/a/chats/1/messages/ABC?downloadMedia=false'))?.slice(2)).toEqual([
      '1',
      'ABC',
      { downloadMedia: false, merge: true },
    ]);
  });

  it('of contacts and hidden ids', async () => {
    expect(await ask('/api/contacts/all?session=b&sortBy=name&limit=2')).toEqual([
      'b',
      'contactReading.list',
      { sortBy: 'name', limit: 2 },
    ]);
    expect(await ask('/api/contacts?contactId=1')).toEqual(['default', 'contactReading.get', '1']);
    expect(await ask('/api/a/contacts/1@c.us')).toEqual(['a', 'contactReading.get', '1@c.us']);
    expect(await ask('/api/a/lids')).toEqual(['a', 'lids.list', { limit: 100 }]);
    expect(await ask('/api/a/lids/12@lid')).toEqual(['a', 'lids.byLid', '12@lid']);
    expect(await ask('/api/a/lids/pn/12')).toEqual(['a', 'lids.byPhone', '12']);
  });

  it('refuses with 400 what it cannot understand, naming the field', async () => {
    const cases: [string, string][] = [
      ['/api/a/chats?limit=-1', 'limit'],
      ['/api/a/chats?limit=10001', 'limit'],
      ['/api/a/chats?offset=x', 'offset'],
      ['/api/a/chats?sortBy=colour', 'sortBy'],
      ['/api/a/chats/1/messages?filter.ack=4', 'filter.ack'],
      ['/api/a/chats/1/messages?filter.fromMe=perhaps', 'filter.fromMe'],
      ['/api/messages?session=a', 'chatId'],
      ['/api/contacts', 'contactId'],
    ];
    for (const [path, field] of cases) {
      const { status, body } = await api.get(path);
      expect([path, status]).toEqual([path, 400]);
      expect((body as { message: string[] }).message[0]).toContain(field);
    }
    expect(asked).toEqual([]);
  });
});
