import asyncHooks, { AsyncLocalStorage } from 'node:async_hooks';
import { syncBuiltinESMExports } from 'node:module';

/** A store while its run lasts. */
interface Run {
  readonly store: unknown;
  readonly outer: Run | undefined;
  isOver: boolean;
}

/** The runs of one asynchronous context, by their owners. Never changed once made. */
type Stores = ReadonlyMap<object, Run>;

const shared = new AsyncLocalStorage<Stores>();

/** Works that run in it now. */
let running = 0;

const end = (run: Run): void => {
  run.isOver = true;
  running -= 1;
  if (running === 0) shared.disable();
};

/**
 * What Baileys uses of `AsyncLocalStorage`, over one real instance that all of them share. Each keeps its own store:
 * `run` and `getStore` of one never see those of another. What outlives its run sees no store: Baileys would take a transaction that
 * is over for one under way, and never write what is put into it. It costs what one instance costs, however many there are, and that
 * only while something runs in one of them: Baileys' transactions take moments, and hooks on every promise of the process a
 * tenth of an inbound message.
 */
export class SharedAsyncLocalStorage<T> {
  run<R>(store: T, work: (...args: unknown[]) => R, ...args: unknown[]): R {
    running += 1;
    const stores = shared.getStore();
    const run: Run = { store, outer: stores?.get(this), isOver: false };
    const ended = () => end(run);
    let result: R | undefined;
    try {
      result = shared.run(new Map(stores).set(this, run), work, ...args);
      return result;
    } finally {
      if (result instanceof Promise) result.then(ended, ended);
      else ended();
    }
  }

  getStore(): T | undefined {
    let run = shared.getStore()?.get(this);
    while (run?.isOver) run = run.outer;
    return run?.store as T | undefined;
  }
}

/**
 * Makes sockets that share one `AsyncLocalStorage`, and see no transaction that is over. Baileys makes one for each, and before Node 24 every promise of the
 * process then touches every one of them: with 100 sockets an `await` takes 18 µs instead of half of one.
 *
 * `make` must be synchronous: the class is swapped while it runs and for nobody else. Baileys sees the swap because
 * imported names are live, whoever imported it first.
 */
export const withSharedContext = <R>(make: () => R): R => {
  const name = 'AsyncLocalStorage';
  const original = Object.getOwnPropertyDescriptor(asyncHooks, name) as PropertyDescriptor;
  // Since Node 24 it is a getter.
  Object.defineProperty(asyncHooks, name, { configurable: true, enumerable: true, get: () => SharedAsyncLocalStorage });
  syncBuiltinESMExports();
  try {
    return make();
  } finally {
    Object.defineProperty(asyncHooks, name, original);
    syncBuiltinESMExports();
  }
};
