import { describe, expect, it } from 'vitest';
import { memoryDatabase } from '../../../core/testing/memory-database.ts';
import { openTables } from '../../../plugins/cluster/tables.ts';
import { Tasks } from '../../../plugins/cluster/tasks.ts';

describe('upkeep that one process does', () => {
  it('belongs to the first that asks, and to one of the others when that is gone', async () => {
    const tables = await openTables(memoryDatabase());
    const tasks = new Tasks(tables);
    const alive = new Set(['a', 'b', 'c']);
    const ask = (node: string) => tasks.does('event log', node, (owner) => alive.has(owner));
    expect(await Promise.all(['a', 'b', 'c'].map(ask))).toEqual([true, false, false]);
    expect([await ask('a'), await ask('b')]).toEqual([true, false]);
    alive.delete('a');
    const heirs = await Promise.all(['b', 'c'].map(ask));
    expect(heirs.filter(Boolean)).toHaveLength(1);
    expect(await ask('a')).toBe(false);
  });

  it('is asked for by name', async () => {
    const tasks = new Tasks(await openTables(memoryDatabase()));
    expect(await tasks.does('one', 'a', () => true)).toBe(true);
    expect(await tasks.does('other', 'b', () => true)).toBe(true);
  });
});
