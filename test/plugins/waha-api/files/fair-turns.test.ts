import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { FairTurns } from '../../../../plugins/waha-api/files/fair-turns.ts';

const never = new AbortController().signal;

/** Work that ends when it is told to, and says when it begins. */
const workshop = (limits: { parallel: number; waiting: number }) => {
  const turns = new FairTurns(limits);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const ask = (session: string, name: string, signal = never) => {
    const asked = turns.run(session, signal, async () => {
      begun.push(name);
      await new Promise<void>((resolve) => ends.set(name, resolve));
      return name;
    });
    asked.catch(() => undefined);
    return asked;
  };
  const end = async (name: string) => {
    ends.get(name)?.();
    await setImmediate();
  };
  return { begun, ask, end };
};
const full = { code: 'TOO_MANY_REQUESTS' };

describe('turns', () => {
  it('are taken in order, and the next one is of the session that has the fewest', async () => {
    const { begun, ask, end } = workshop({ parallel: 2, waiting: 10 });
    for (const name of ['a1', 'a2', 'a3', 'a4']) void ask('a', name);
    void ask('b', 'b1');
    await setImmediate();
    expect(begun).toEqual(['a1', 'a2']);
    await end('a1');
    expect(begun.at(-1)).toBe('b1');
    await end('a2');
    expect(begun.at(-1)).toBe('a3');
  });

  it('are refused to who has the most when the line is full, not to others', async () => {
    const { begun, ask, end } = workshop({ parallel: 1, waiting: 3 });
    const [, a2, a3, a4] = ['a1', 'a2', 'a3', 'a4'].map((name) => ask('a', name));
    await expect(ask('a', 'a5')).rejects.toMatchObject(full);
    const b1 = ask('b', 'b1');
    await expect(a4).rejects.toMatchObject(full);
    await expect(ask('b', 'b2')).rejects.toMatchObject(full);
    for (const name of ['a1', 'b1', 'a2', 'a3']) await end(name);
    expect(await Promise.all([b1, a2, a3])).toEqual(['b1', 'a2', 'a3']);
    expect(begun).toEqual(['a1', 'b1', 'a2', 'a3']);
  });

  it('are given up with the request, and leave no place taken', async () => {
    const { ask, end } = workshop({ parallel: 1, waiting: 1 });
    void ask('a', 'a1');
    const gone = new AbortController();
    const a2 = ask('a', 'a2', gone.signal);
    gone.abort();
    await expect(a2).rejects.toMatchObject({ code: 'UNPROCESSABLE' });
    const a3 = ask('a', 'a3');
    await end('a1');
    await end('a3');
    expect(await a3).toBe('a3');
  });
});
