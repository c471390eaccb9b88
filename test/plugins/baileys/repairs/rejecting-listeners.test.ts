import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { catchRejections } from '../../../../plugins/baileys/repairs/rejecting-listeners.ts';

it('a message that waited on the server reaches Baileys as a live one, and everything else as it came', () => {
  const client = new EventEmitter();
  const seen: unknown[] = [];
  for (const event of ['CB:message', 'CB:receipt']) client.on(event, ({ attrs }) => seen.push(attrs));
  catchRejections(client, new Set(), () => undefined);
  client.emit('CB:message', { tag: 'message', attrs: { id: '1', offline: '0' } });
  client.emit('CB:receipt', { tag: 'receipt', attrs: { id: '2', offline: '0' } });
  expect(seen).toEqual([{ id: '1' }, { id: '2', offline: '0' }]);
});

it('a listener that rejects is told of, and the stanza under way is known until then', async () => {
  const client = new EventEmitter();
  client.on('CB:message', async () => {
    throw new Error('cannot be read');
  });
  const handling = new Set<Promise<unknown>>();
  const told: unknown[] = [];
  catchRejections(client, handling, (event, error) => told.push([event, (error as Error).message]));
  client.emit('CB:message', { tag: 'message', attrs: {} });
  expect(handling.size).toBe(1);
  await Promise.all(handling);
  expect(told).toEqual([['CB:message', 'cannot be read']]);
  expect(handling.size).toBe(0);
});
