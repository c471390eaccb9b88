import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { FactFilter } from '../../../core/events/fact-filter.ts';
import { KnownFacts } from '../../../core/events/known-facts.ts';

const facts = (count: number): string[] => Array.from({ length: count }, () => randomBytes(8).toString('hex'));

describe('a filter of facts', () => {
  it('never denies one that it has, and one in a thousand at most of those that it has not', () => {
    const [there, others] = [facts(20_000), facts(20_000)];
    const filter = new FactFilter(20_000);
    for (const fact of there) filter.add(fact);
    expect(there.filter((fact) => !filter.mayHave(fact))).toEqual([]);
    expect(others.filter((fact) => filter.mayHave(fact)).length).toBeLessThan(20 + 20);
    expect(filter.isFull).toBe(false);
    filter.add('one more');
    expect(filter.isFull).toBe(true);
  });
});

/** A log with these facts; reading them can be held up. */
const log = (there: readonly string[]) => {
  const state = { reads: 0, broken: false, before: async () => undefined as unknown };
  const rows = {
    count: async () => there.length,
    texts: async (_: string, after: string, limit: number) => {
      state.reads += 1;
      await state.before();
      if (state.broken) throw new Error('no longer open');
      return there
        .filter((fact) => fact > after)
        .sort()
        .slice(0, limit);
    },
  };
  return { rows, state };
};

describe('what the log may have', () => {
  it('is everything until it was looked through once, and then what it had and was given since', async () => {
    const [there, others] = [facts(12_000), facts(50)];
    const { rows, state } = log(there);
    const known = new KnownFacts(rows);
    expect(known.among([...there, ...others])).toHaveLength(12_050);
    await known.settled();
    expect(state.reads).toBe(3);
    expect(known.among(there)).toEqual(there);
    expect(known.among(others)).toEqual([]);
    known.add(others[0]!);
    expect(known.among(others)).toEqual([others[0]]);
    expect(state.reads).toBe(3);
  });

  it('has what is committed while it is looked through', async () => {
    const late = facts(20);
    const { rows, state } = log(facts(10));
    const known = new KnownFacts(rows);
    state.before = async () => {
      for (const fact of late) known.add(fact);
    };
    known.among(['x']);
    await known.settled();
    expect(known.among([...late, 'another'])).toEqual(late);
  });

  it('is everything again when the log cannot be read, or has grown beyond the filter, until it was looked through again', async () => {
    const [there, later] = [facts(10), facts(60_000)];
    const { rows, state } = log(there);
    const known = new KnownFacts(rows);
    state.broken = true;
    known.among(['x']);
    await known.settled();
    state.broken = false;
    expect(known.among(['other'])).toEqual(['other']);
    await known.settled();
    expect(known.among(['other'])).toEqual([]);
    for (const fact of later) known.add(fact);
    expect(known.among(['other'])).toEqual(['other']);
  });

  it('is everything where the driver cannot tell', async () => {
    const known = new KnownFacts({ count: async () => 0 });
    known.among(['x']);
    await known.settled();
    expect(known.among(['x'])).toEqual(['x']);
  });
});
