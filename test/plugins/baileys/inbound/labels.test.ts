import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import { EventQueue } from '../../../../plugins/baileys/inbound/event-queue.ts';
import { LabelBook } from '../../../../plugins/baileys/inbound/labels.ts';
import type { MessageStore } from '../../../../plugins/baileys/store/message-store.ts';
import { silentLog } from '../../../support/log.ts';

/** A session without a store: what was seen in this connection is all there is. */
let ev: EventEmitter;
let told: unknown[][];
let queue: EventQueue;
let book: LabelBook;
beforeEach(() => {
  ev = new EventEmitter();
  told = [];
  queue = new EventQueue({ log: silentLog, limit: 100, onFull: () => undefined, onRoom: () => undefined });
  const publisher = { publish: async (...args: unknown[]) => void told.push(args.slice(0, 2)) };
  const messageStore = { library: null, learn: async () => undefined } as unknown as MessageStore;
  book = new LabelBook({ ev } as never, {
    ...{ publisher: publisher as never, messageStore, queue },
    people: { of: async () => null },
  });
});

const edit = (name: string, deleted = false) => ev.emit('labels.edit', { id: '3', name, color: 5, deleted });
const link = (type: 'add' | 'remove') =>
  ev.emit('labels.association', {
    type,
    association: { type: 'label_jid', chatId: '1234567@s.whatsapp.net', labelId: '3' },
  });
const label = { id: '3', name: 'New', color: 5, colorHex: '#55ccb3' };
const payload = { labelId: '3', chatId: '1234567@c.us', label };

describe('labels of a session without a store', () => {
  it('are told of with their chats, whichever came first in a sync', async () => {
    link('add');
    edit('New');
    await queue.idle();
    expect(told).toEqual([
      ['label.upsert', label],
      ['label.chat.added', payload],
    ]);
  });

  it('are told of once when the whole app state is read again, and when we made the change', async () => {
    await book.changed({ label: { id: '3', name: 'New', color: 5 }, deleted: false });
    for (let time = 0; time < 2; time++) {
      edit('New');
      link('add');
      await queue.idle();
    }
    expect(told.map(([name]) => name)).toEqual(['label.upsert', 'label.chat.added']);
    link('remove');
    edit('', true);
    await queue.idle();
    edit('', true);
    await queue.idle();
    expect(told.slice(2)).toEqual([
      ['label.deleted', label],
      ['label.chat.deleted', { ...payload, label: null }],
    ]);
  });
});
