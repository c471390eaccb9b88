import { beforeEach, expect, it } from 'vitest';
import { PluginNamespaces } from '../../../core/stores/plugin-storage.ts';
import { timeLimit } from '../../../core/stores/time-limit.ts';
import { memoryDatabase } from '../../../core/testing/memory-database.ts';
import { SimulatedClock } from '../../support/clock.ts';

let namespaces: PluginNamespaces;
beforeEach(async () => {
  namespaces = await PluginNamespaces.open(memoryDatabase(), timeLimit('memory', new SimulatedClock(), 10_000));
});

it('keeps any JSON value under its key', async () => {
  const storage = namespaces.of('crm');
  await storage.set('state', { seen: [1, 2], '': null });
  expect(await storage.get('state')).toEqual({ seen: [1, 2], '': null });
  await storage.set('state', false);
  expect(await storage.get('state')).toBe(false);
});

it('tells a key that holds null from one that is not there', async () => {
  const storage = namespaces.of('crm');
  await storage.set('known', null);
  expect(await storage.get('known')).toBeNull();
  expect(await storage.get('unknown')).toBeUndefined();
});

it('gives every plugin a namespace of its own', async () => {
  await namespaces.of('crm').set('key', 1);
  await namespaces.of('crm2').set('key', 2);
  await namespaces.of('crm').remove('key');
  expect(await namespaces.of('crm').keys()).toEqual([]);
  expect(await namespaces.of('crm2').get('key')).toBe(2);
});

it('lists its keys in order', async () => {
  const storage = namespaces.of('crm');
  for (const key of ['b', 'a', '__proto__', 'ä']) await storage.set(key, key);
  expect(await storage.keys()).toEqual(['__proto__', 'a', 'b', 'ä']);
});
