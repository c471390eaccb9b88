import { expect, it } from 'vitest';
import { defineCollection } from '../../../core/index.ts';
import { StoreLatency } from '../../../core/stores/latency.ts';
import { timedDatabase } from '../../../core/stores/timed-database.ts';
import { memoryDatabase } from '../../../core/testing/memory-database.ts';

const notes = defineCollection({ name: 'notes', columns: { id: { type: 'text' } }, key: ['id'] });

it('does what the database does, and notes how long each call took', async () => {
  const latency = new StoreLatency();
  const database = timedDatabase(memoryDatabase(), latency);
  const rows = await database.open(notes);
  await rows.put({ id: 'a' });
  await database.batch([rows.putting({ id: 'b' }), rows.removing({ id: 'a' })]);
  expect([await rows.find(), await rows.get({ id: 'b' }), await rows.count()]).toEqual([[{ id: 'b' }], { id: 'b' }, 1]);
  await expect(database.batch([{ collection: 'none', put: {} }])).rejects.toThrow();
  const totals = latency.collect().map(({ labels, counts }) => [labels?.['operation'], counts.at(-1)]);
  expect(totals).toEqual([
    ['write', 3],
    ['read', 3],
  ]);
  await database.close();
});

it('puts times into buckets that add up', () => {
  const latency = new StoreLatency();
  for (const milliseconds of [0.2, 0.7, 30, 9_000]) latency.observe('sqlite', 'write', milliseconds);
  const [write] = latency.collect();
  expect(write).toMatchObject({
    labels: { driver: 'sqlite', operation: 'write' },
    counts: [1, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 4],
  });
  expect(write?.sum).toBeCloseTo(9.0309);
});
