import { describe, expect, it } from 'vitest';
import { memoryDatabase } from '../../../core/testing/memory-database.ts';
import { Outbox } from '../../../plugins/webhook/delivery-log/outbox.ts';
import type { DeliveryRow } from '../../../plugins/webhook/delivery-log/outbox-schema.ts';

/** Of an event with this cursor; the later the event, the sooner it is due. */
const pending = (cursor: number): DeliveryRow => ({
  ...{ id: `dlv_${cursor}`, endpoint: 'hook', cursor, eventId: `event ${cursor}`, event: 'message', session: 'ana' },
  ...{ timestamp: 0, orderKey: null, state: 'pending', attempts: 0, attemptsBefore: 0, dueAt: 10 - cursor },
  ...{ createdAt: 0, endedAt: null, lastStatus: null, lastError: null, requestId: 'r', history: null },
});

/** An outbox with the deliveries of these events. */
const holding = async (...cursors: number[]): Promise<Outbox> => {
  const database = memoryDatabase();
  const outbox = await Outbox.open(database);
  await database.batch(cursors.map((cursor) => outbox.saving(pending(cursor))));
  return outbox;
};

describe('a page of what waits', () => {
  const planned = new Map([
    ['event 4', []],
    ['event 5', []],
  ]);
  const page = async (outbox: Outbox, by: 'id' | 'dueAt', limit: number) =>
    (await outbox.page('hook', { by, limit }, 0, planned)).map(({ cursor }) => cursor);

  it('is without the deliveries of events whose commit is to be made again', async () => {
    const outbox = await holding(1, 2, 3, 4, 5);
    expect(await page(outbox, 'id', 10)).toEqual([1, 2, 3]);
    expect(await page(outbox, 'dueAt', 10)).toEqual([3, 2, 1]);
  });

  it('is as long as asked for while there are others', async () => {
    const outbox = await holding(1, 2, 3, 4, 5);
    expect(await page(outbox, 'id', 3)).toEqual([1, 2, 3]);
    expect(await page(outbox, 'dueAt', 3)).toEqual([3, 2, 1]);
  });
});
