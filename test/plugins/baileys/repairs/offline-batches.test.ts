import { EventEmitter } from 'node:events';
import type { BinaryNode } from '@whiskeysockets/baileys';
import { expect, it } from 'vitest';
import { askForAllThatWaited } from '../../../../plugins/baileys/repairs/offline-batches.ts';

it('asks for the next hundred when a hundred have come, until the server says that it was all', () => {
  const client = new EventEmitter();
  const asked: BinaryNode[] = [];
  askForAllThatWaited(client, async (batch) => void asked.push(batch));
  const take = (stanzas: number, attrs = { offline: '1' }): void => {
    for (let at = 0; at < stanzas; at++) client.emit('frame', { tag: 'message', attrs });
  };
  take(100);
  expect(asked).toEqual([]);
  client.emit('CB:ib,,offline_preview', { tag: 'ib', attrs: {} });
  take(99);
  client.emit('frame', { tag: 'message', attrs: { id: 'live' } });
  expect(asked).toEqual([]);
  take(1);
  expect(asked).toEqual([{ tag: 'ib', attrs: {}, content: [{ tag: 'offline_batch', attrs: { count: '100' } }] }]);
  take(100);
  expect(asked).toHaveLength(2);
  client.emit('CB:ib,,offline', { tag: 'ib', attrs: {} });
  take(200);
  expect(asked).toHaveLength(2);
});
