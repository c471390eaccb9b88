import { describe, expect, it } from 'vitest';
import { configFrom } from '../../../core/config/load.ts';
import type { HostEntry } from '../../../core/host/order.ts';
import { storeProblems } from '../../../core/host/store-problems.ts';
import { builtins } from '../../../plugins/index.ts';

type Use = keyof typeof builtins;

const problems = async (uses: readonly Use[], stores: object = {}, names: readonly string[] = uses) => {
  const plugins = uses.map((use, index) => ({ use, ...(names[index] === use ? {} : { as: names[index] }) }));
  const entries = uses.map(async (use, index) => {
    const { default: plugin } = await builtins[use]();
    return { name: names[index], plugin, where: `waha.yaml:${index}`, from: 'built-in' } as unknown as HostEntry;
  });
  return storeProblems(configFrom({ plugins, stores }), await Promise.all(entries));
};

describe('the databases of several processes', () => {
  it('are any for one process, and one on a server for several', async () => {
    expect(await problems(['sqlite', 'lowdb'], { auth: 'lowdb' })).toEqual([]);
    expect(await problems(['postgres', 'sqlite'], { auth: 'sqlite' })).toEqual([]);
    expect(await problems(['cluster', 'postgres'])).toEqual([]);
    expect(await problems(['cluster', 'postgres'], { auth: 'postgres', outbox: 'postgres' })).toEqual([]);
    expect(await problems(['cluster', 'postgres'], { auth: 'data' }, ['cluster', 'data'])).toEqual([]);
  });

  it.each(['sqlite', 'lowdb'] as const)('%s is refused, whether or not a store names it', async (use) => {
    const atStore = [
      expect.stringContaining(`stores.auth: '${use}' is for one process; with plugin 'cluster' write 'postgres'`),
    ];
    expect(await problems(['cluster', 'postgres', use], { auth: use })).toEqual(atStore);
    const atPlugin = [expect.stringMatching(new RegExp(`^waha.yaml:1: plugin '${use}' keeps data for one process`))];
    expect(await problems(['cluster', use, 'postgres'])).toEqual(atPlugin);
    expect(await problems([use, 'cluster'], {})).toHaveLength(1);
    expect(await problems([use, 'cluster'], { sessions: use, messages: use })).toHaveLength(2);
  });

  it('are one: a fence holds in the transaction of the write that it guards', async () => {
    expect(
      await problems(['cluster', 'postgres', 'postgres'], { sessions: 'one', auth: 'two' }, ['cluster', 'one', 'two']),
    ).toEqual([expect.stringContaining("stores.auth: 'two' is another database")]);
  });
});
