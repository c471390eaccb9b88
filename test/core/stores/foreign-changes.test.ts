import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../core/deadline.ts';
import { PluginNamespaces } from '../../../core/stores/plugin-storage.ts';
import { timeLimit } from '../../../core/stores/time-limit.ts';
import { memoryDatabase } from '../../../core/testing/memory-database.ts';
import { SimulatedClock } from '../../../core/testing/simulated-clock.ts';

const world = async () => {
  const database = memoryDatabase();
  const clock = new SimulatedClock();
  const open = () => PluginNamespaces.open(database, timeLimit('memory', systemClock, 5_000), clock);
  const [one, other] = [await open(), await open()];
  const heard: string[] = [];
  const listen = (name: string, namespaces: PluginNamespaces, plugin = 'keys') =>
    namespaces.of(plugin).onForeignChange?.(() => heard.push(name));
  return { clock, one, other, heard, listen };
};

describe('what another process changed in the state of a plugin', () => {
  it('is told once, and what this one changed is not', async () => {
    const { clock, one, other, heard, listen } = await world();
    listen('one', one);
    listen('other', other);
    await one.of('keys').set('a', 1);
    await one.of('keys').set('b', 2);
    await clock.pass(1_000);
    expect(heard).toEqual(['other']);
    await other.of('keys').remove('a');
    await clock.pass(1_000);
    expect(heard).toEqual(['other', 'one']);
    await clock.pass(5_000);
    expect(heard).toHaveLength(2);
  });

  it('is told when both changed something between two looks, and to the plugin alone that keeps it', async () => {
    const { clock, one, other, heard, listen } = await world();
    listen('one', one);
    listen('other', other);
    listen('apps', other, 'apps');
    await one.of('keys').set('a', 1);
    await other.of('keys').set('a', 2);
    await clock.pass(1_000);
    expect(heard.sort()).toEqual(['one', 'other']);
  });

  it('is not looked for any more when nobody listens', async () => {
    const { clock, one, other, heard, listen } = await world();
    const stop = listen('other', other);
    stop?.();
    await one.of('keys').set('a', 1);
    await clock.pass(3_000);
    other.close();
    expect(heard).toEqual([]);
  });

  it('is nobody’s concern where one process has all', async () => {
    const alone = await PluginNamespaces.open(memoryDatabase(), timeLimit('memory', systemClock, 5_000));
    expect(alone.of('keys').onForeignChange).toBeUndefined();
  });
});
