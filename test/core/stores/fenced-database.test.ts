import { beforeEach, describe, expect, it } from 'vitest';
import type { Ownership } from '../../../core/contracts/ownership.ts';
import { type Database, defineCollection } from '../../../core/index.ts';
import { fencedDatabase } from '../../../core/stores/fenced-database.ts';
import { memoryDatabase } from '../../../core/testing/memory-database.ts';

const placements = defineCollection({
  name: 'placements',
  columns: { name: { type: 'text' }, owner: { type: 'text' } },
  key: ['name'],
});
const keys = defineCollection({
  name: 'auth_keys',
  columns: { session: { type: 'text' }, id: { type: 'text' } },
  key: ['session', 'id'],
});
const sessions = defineCollection({
  name: 'sessions',
  columns: { name: { type: 'text' }, config: { type: 'json' } },
  key: ['name'],
});
const marks = defineCollection({ name: 'marks', columns: { id: { type: 'text' } }, key: ['id'] });

/** A database of two sessions, `ours` and `theirs`, as their owner's fences leave it. */
const open = async () => {
  const database: Database = memoryDatabase();
  const rows = await database.open(placements);
  await rows.put({ name: 'ours', owner: 'me' });
  await rows.put({ name: 'theirs', owner: 'other' });
  const fence = (name: string) => rows.requiring({ name, owner: 'me' });
  const asked: string[] = [];
  const lost = async (names: readonly string[]) => new Set(names.filter((name) => asked.push(name)));
  const fenced = fencedDatabase(database, { fence, lost } as Partial<Ownership> as Ownership);
  return {
    fenced,
    asked,
    placements: rows,
    keys: await fenced.open(keys),
    sessions: await fenced.open(sessions),
    marks: await fenced.open(marks),
  };
};

describe('a database whose writes depend on whose the session is', () => {
  let world: Awaited<ReturnType<typeof open>>;
  beforeEach(async () => {
    world = await open();
  });

  it('takes the writes of our sessions, in every form', async () => {
    const { fenced, keys: rows, sessions: records } = world;
    await rows.put({ session: 'ours', id: '1' });
    await records.put({ name: 'ours', config: {} });
    await fenced.batch([rows.putting({ session: 'ours', id: '2' }), rows.adding({ session: 'ours', id: '3' })]);
    expect(await rows.remove({ session: 'ours', id: { in: ['1', '2'] } })).toBe(2);
    expect(await rows.find()).toEqual([{ session: 'ours', id: '3' }]);
  });

  const refused: [string, (of: typeof world) => Promise<unknown>][] = [
    ['a put', ({ keys: rows }) => rows.put({ session: 'theirs', id: '1' })],
    ['a removal', ({ keys: rows }) => rows.remove({ session: 'theirs' })],
    ['a definition', ({ sessions: records }) => records.put({ name: 'theirs', config: {} })],
    ['a removed definition', ({ sessions: records }) => records.remove({ name: 'theirs' })],
    ['an unknown session', ({ keys: rows }) => rows.put({ session: 'nobody', id: '1' })],
    ['a batch', ({ fenced, keys: rows }) => fenced.batch([rows.putting({ session: 'theirs', id: '1' })])],
    ['an addition', ({ fenced, keys: rows }) => fenced.batch([rows.adding({ session: 'theirs', id: '1' })])],
    [
      'a batch of which a part is ours',
      ({ fenced, keys: rows }) =>
        fenced.batch([rows.putting({ session: 'ours', id: '1' }), rows.removing({ session: 'theirs' })]),
    ],
  ];
  it.each(refused)('refuses %s of a session that is another’s, and changes nothing', async (_, write) => {
    await expect(write(world)).rejects.toMatchObject({ code: 'NOT_HELD' });
    expect(await world.keys.count()).toBe(0);
    expect(await world.sessions.count()).toBe(0);
  });

  it('refuses from the moment on in which a session goes', async () => {
    const { keys: rows, placements: owners } = world;
    const before = rows.put({ session: 'ours', id: '1' });
    const claim = owners.put({ name: 'ours', owner: 'other' });
    const after = rows.put({ session: 'ours', id: '2' });
    await Promise.all([before, claim]);
    await expect(after).rejects.toMatchObject({ code: 'NOT_HELD' });
    expect(world.asked).toEqual(['ours']);
    expect(await rows.find()).toEqual([{ session: 'ours', id: '1' }]);
  });

  it('leaves upkeep alone, which concerns no session in particular', async () => {
    const { marks: rows, keys: others } = world;
    await rows.put({ id: 'a' });
    expect(await rows.remove({})).toBe(1);
    expect(await others.remove({ id: 'old' })).toBe(0);
  });
});
