import { describe, expect, it } from 'vitest';
import { memoryDatabase } from '../../../core/testing/memory-database.ts';
import { Placements } from '../../../plugins/cluster/placements.ts';
import { winnerOf } from '../../../plugins/cluster/rendezvous.ts';
import { openTables } from '../../../plugins/cluster/tables.ts';

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `session${index}`);

const world = async () => {
  const tables = await openTables(memoryDatabase());
  const node = (id: string) => new Placements(tables, id);
  const held = (placements: Placements, session: string) =>
    tables.database.batch([placements.fence(session)]).then(
      () => true,
      () => false,
    );
  return { tables, node, held };
};

describe('sessions and their owners', () => {
  it('a session belongs to the first one that makes it', async () => {
    const { node, held } = await world();
    const [one, other] = [node('one'), node('other')];
    const outcomes = await Promise.allSettled([one.found('ana'), other.found('ana')]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect((outcomes[1] as PromiseRejectedResult).reason).toMatchObject({ code: 'SESSION_EXISTS' });
    expect([await held(one, 'ana'), await held(other, 'ana')]).toEqual([true, false]);
  });

  it('the sessions of a dead node are claimed once each, those that fall to a node first, and soon all', async () => {
    const { node, held } = await world();
    const dead = node('dead');
    for (const name of names(40)) await dead.found(name);
    const [one, other] = [node('one'), node('other')];
    const nodes = ['one', 'other'];
    const first = await one.claim(['dead'], nodes, 0, 500);
    expect([...first].sort()).toEqual(
      names(40)
        .filter((name) => winnerOf(name, nodes) === 'one')
        .sort(),
    );
    expect(first.length).toBeGreaterThan(5);
    expect(await one.claim(['dead'], nodes, 499, 500)).toEqual([]);
    const both = await Promise.all([one.claim(['dead'], nodes, 500, 500), other.claim(['dead'], nodes, 0, 500)]);
    expect([...first, ...both.flat()].sort()).toEqual(names(40).sort());
    for (const name of names(40)) {
      expect([await held(dead, name), await held(one, name), await held(other, name)].filter(Boolean)).toHaveLength(1);
      expect(await held(dead, name)).toBe(false);
    }
  });

  it('one that is given away is the other’s, who finds it; what somebody took is found to be lost', async () => {
    const { node, held } = await world();
    const [one, other] = [node('one'), node('other')];
    await one.found('ana');
    await one.found('bea');
    expect(await one.give('ana', 'other')).toBe(true);
    expect(await one.give('ana', 'other')).toBe(false);
    expect([await held(one, 'ana'), await held(other, 'ana')]).toEqual([false, false]);
    expect(await other.compare()).toEqual({ given: ['ana'], lost: [] });
    expect(await held(other, 'ana')).toBe(true);
    await other.claim(['one'], ['other'], 0, 0);
    expect(await one.compare()).toEqual({ given: [], lost: ['bea'] });
    expect([...(await one.lost(['ana', 'bea', 'cai']))].sort()).toEqual(['ana', 'bea', 'cai']);
    expect(await other.lost(['ana', 'bea'])).toEqual(new Set());
  });

  it('one whose end could not be written is found again, and goes then', async () => {
    const { tables, node } = await world();
    const one = node('one');
    await one.found('ana');
    const never = tables.placements.requiring({ name: 'nobody' });
    await expect(one.forget('ana', [never])).rejects.toMatchObject({ code: 'NOT_HELD' });
    expect(one.has('ana')).toBe(false);
    expect(await one.compare()).toEqual({ given: ['ana'], lost: [] });
    await one.forget('ana', []);
    expect(await one.owner('ana')).toBeNull();
  });

  it('one that its owner takes up again is another claim: what was asked for it before ends', async () => {
    const { tables, node, held } = await world();
    const one = node('one');
    await one.found('ana');
    const before = one.fence('ana');
    one.drop('ana');
    expect(await one.compare()).toEqual({ given: ['ana'], lost: [] });
    expect(await held(one, 'ana')).toBe(true);
    await expect(tables.database.batch([before])).rejects.toMatchObject({ code: 'NOT_HELD' });
  });

  it('are shared out evenly, and a node that comes takes only its own part', () => {
    const before = new Map(names(300).map((name) => [name, winnerOf(name, ['a', 'b', 'c'])]));
    for (const node of ['a', 'b', 'c']) {
      const share = [...before.values()].filter((winner) => winner === node).length;
      expect(share).toBeGreaterThan(60);
    }
    for (const [name, winner] of before) {
      const after = winnerOf(name, ['a', 'b', 'c', 'd']);
      expect(after === winner || after === 'd').toBe(true);
    }
  });
});
