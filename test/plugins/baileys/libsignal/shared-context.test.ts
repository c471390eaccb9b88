import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { addTransactionCapability, type SignalDataSet, type SignalDataTypeMap } from '@whiskeysockets/baileys';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { SharedAsyncLocalStorage, withSharedContext } from '../../../../plugins/baileys/libsignal/shared-context.ts';

/** What both kinds must do alike. */
interface Storage<T> {
  run<R>(store: T, work: () => R): R;
  getStore(): T | undefined;
}

const kinds: [string, new () => Storage<string>][] = [
  ['AsyncLocalStorage', AsyncLocalStorage],
  ['the shared one', SharedAsyncLocalStorage],
];

describe.each(kinds)('%s', (_name, Kind) => {
  it('holds a store for the work and everything that follows from it, and no longer', async () => {
    const storage = new Kind();
    const seen = await storage.run('one', async () => {
      await pause(2);
      return storage.getStore();
    });
    expect([seen, storage.getStore()]).toEqual(['one', undefined]);
  });

  it('nests: the inner store hides the outer one and gives it back', () => {
    const storage = new Kind();
    const seen = storage.run('outer', () => [
      storage.getStore(),
      storage.run('inner', () => storage.getStore()),
      storage.getStore(),
    ]);
    expect(seen).toEqual(['outer', 'inner', 'outer']);
  });

  it('keeps instances apart, nested in each other as well', async () => {
    const [a, b] = [new Kind(), new Kind()];
    const seen = await a.run('a', () =>
      b.run('b', async () => {
        await pause(1);
        return [a.getStore(), b.getStore(), a.run('a2', () => [a.getStore(), b.getStore()])];
      }),
    );
    expect(seen).toEqual(['a', 'b', ['a2', 'b']]);
    expect(a.run('only a', () => b.getStore())).toBeUndefined();
  });

  it('keeps concurrent runs of one instance apart', async () => {
    const storage = new Kind();
    const one = async (name: string, milliseconds: number) =>
      storage.run(name, async () => {
        await pause(milliseconds);
        return storage.getStore();
      });
    expect(await Promise.all([one('slow', 6), one('quick', 1)])).toEqual(['slow', 'quick']);
  });

  it('restores the context when the work throws', () => {
    const storage = new Kind();
    const fail = () =>
      storage.run('lost', () => {
        throw new Error('no');
      });
    expect(fail).toThrow('no');
    expect(storage.getStore()).toBeUndefined();
  });
});

const promise = () => {
  let resolve = (): void => undefined;
  const settled = new Promise<void>((done) => {
    resolve = done;
  });
  return { settled, resolve };
};

it('is seen by nothing that outlives its run, also while something else runs', async () => {
  const storage = new SharedAsyncLocalStorage<string>();
  const [other, hasEnded] = [promise(), promise()];
  const others = new SharedAsyncLocalStorage<string>().run('another', () => other.settled);
  const [soon, later] = await storage.run('one', async () => {
    const outlives = hasEnded.settled.then(() => storage.getStore());
    await pause(1);
    return [storage.getStore(), { outlives }] as const;
  });
  hasEnded.resolve();
  expect([soon, await later.outlives]).toEqual(['one', undefined]);
  other.resolve();
  await others;
});

it('is that of the outer run again for what outlives an inner one', async () => {
  const storage = new SharedAsyncLocalStorage<string>();
  const seen = await storage.run('outer', async () => {
    const { outlives } = await storage.run('inner', async () => ({
      outlives: pause(3).then(() => storage.getStore()),
    }));
    return outlives;
  });
  expect(seen).toBe('outer');
});

const memory = () => {
  const data = new Map<string, unknown>();
  const commits: SignalDataSet[] = [];
  return {
    commits,
    get: async <T extends keyof SignalDataTypeMap>(type: T, ids: string[]) =>
      Object.fromEntries(
        ids.filter((id) => data.has(`${type}:${id}`)).map((id) => [id, data.get(`${type}:${id}`)]),
      ) as Record<string, SignalDataTypeMap[T]>,
    set: async (set: SignalDataSet) => {
      commits.push(set);
      for (const [type, values] of Object.entries(set)) {
        for (const [id, value] of Object.entries(values ?? {})) data.set(`${type}:${id}`, value);
      }
    },
  };
};

describe("Baileys' transactions over the shared storage", () => {
  const store = () => {
    const under = memory();
    const logger = pino({ level: 'silent' }) as never;
    const keys = withSharedContext(() =>
      addTransactionCapability(under, logger, { maxCommitRetries: 1, delayBetweenTriesMs: 0 }),
    );
    return { under, keys };
  };

  it('commit once, at the end, and see what they wrote', async () => {
    const { under, keys } = store();
    const seen = await keys.transaction(async () => {
      await keys.set({ session: { a: Buffer.from('1') } });
      await keys.set({ session: { b: Buffer.from('2') } });
      expect(under.commits).toEqual([]);
      return keys.get('session', ['a', 'b']);
    }, 'key');
    expect(Object.keys(seen)).toEqual(['a', 'b']);
    expect(under.commits).toHaveLength(1);
  });

  it('of two sockets do not mix, one inside the other', async () => {
    const [one, two] = [store(), store()];
    await one.keys.transaction(async () => {
      await one.keys.set({ session: { mine: Buffer.from('1') } });
      expect(two.keys.isInTransaction()).toBe(false);
      await two.keys.set({ session: { theirs: Buffer.from('2') } });
      expect(two.under.commits).toHaveLength(1);
    }, 'key');
    expect(one.under.commits.map(({ session }) => Object.keys(session ?? {}))).toEqual([['mine']]);
  });

  it('are what a socket is made with', () => {
    expect(withSharedContext(() => new AsyncLocalStorage())).toBeInstanceOf(SharedAsyncLocalStorage);
  });

  it('leaves AsyncLocalStorage as it was for everybody else', async () => {
    store();
    expect((await import('node:async_hooks')).AsyncLocalStorage).toBe(AsyncLocalStorage);
    expect(new AsyncLocalStorage()).not.toBeInstanceOf(SharedAsyncLocalStorage);
  });
});
