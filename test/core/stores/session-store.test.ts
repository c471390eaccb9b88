import { expect, it } from 'vitest';
import type { SessionRecord } from '../../../core/contracts/stores.ts';
import { CollectionSessionStore } from '../../../core/stores/session-store.ts';
import { timeLimit } from '../../../core/stores/time-limit.ts';
import { memoryDatabase } from '../../../core/testing/memory-database.ts';
import { SimulatedClock } from '../../support/clock.ts';

const open = () => CollectionSessionStore.open(memoryDatabase(), timeLimit('memory', new SimulatedClock(), 10_000));

const record = (name: string, given: Partial<SessionRecord> = {}): SessionRecord => ({
  name,
  engine: 'NOWEB',
  config: { metadata: { team: 'support' } },
  desired: 'running',
  me: null,
  accountHistory: null,
  createdAt: 1,
  updatedAt: 1,
  ...given,
});

it('keeps sessions and lists them in the order of their creation', async () => {
  const store = await open();
  await store.put(record('b', { createdAt: 2 }));
  await store.put(record('c', { createdAt: 1 }));
  await store.put(record('a', { createdAt: 2 }));
  expect((await store.list()).map(({ name }) => name)).toEqual(['c', 'a', 'b']);
});

it('gives a session back as it was put, and null for an unknown one', async () => {
  const store = await open();
  const restriction = { timeEnforcementEnds: 5, enforcementType: 'DEFAULT' };
  const accountHistory = { phoneSeenAt: 3, restriction, restrictedAt: 4 };
  const linked = record('main', {
    me: { id: '11111111111@c.us', pushName: 'Ann' },
    desired: 'stopped',
    accountHistory,
  });
  await store.put(record('main'));
  await store.put(linked);
  expect(await store.get('main')).toEqual(linked);
  expect(await store.get('Main')).toBeNull();
});

it('removes a session, and an unknown one without complaint', async () => {
  const store = await open();
  await store.put(record('main'));
  await store.remove('main');
  await store.remove('main');
  expect(await store.list()).toEqual([]);
});
