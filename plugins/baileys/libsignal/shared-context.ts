import asyncHooks, { AsyncLocalStorage } from 'node:async_hooks';
import { syncBuiltinESMExports } from 'node:module';

/** The stores of one asynchronous context, by their owners. Never changed once made. */
type Stores = ReadonlyMap<object, unknown>;

const shared = new AsyncLocalStorage<Stores>();

/** Works that run in it now. */
let running = 0;

const ended = (): void => {
  running -= 1;
  if (running === 0) shared.disable();
};

/**
 * What Baileys uses of `AsyncLocalStorage`, over one real instance that all of them share. Each keeps its own store:
 * `run` and `getStore` of one never see those of another. It costs what one instance costs, however many there are, and that
 * only while something runs in one of them: Baileys' transactions take moments, and hooks on every promise of the process a
 * tenth of an inbound message.
 */
export class SharedAsyncLocalStorage<T> {
  run<R>(store: T, work: (...args: unknown[]) => R, ...args: unknown[]): R {
    running += 1;
    let result: R | undefined;
    try {
      result = shared.run(new Map(shared.getStore()).set(this, store), work, ...args);
      return result;
    } finally {
      if (result instanceof Promise) result.then(ended, ended);
      else ended();
    }
  }

  getStore(): T | undefined {
    return shared.getStore()?.get(this) as T | undefined;
  }
}

/** From Node 24 on an instance costs nothing where it is not used (AsyncContextFrame). */
const dear = Number(process.versions.node.split('.')[0]) < 24;

/**
 * Makes sockets that share one `AsyncLocalStorage`. Baileys makes one for each, and before Node 24 every promise of the
 * process then touches every one of them: with 100 sockets an `await` takes 18 µs instead of half of one.
 *
 * `make` must be synchronous: the class is swapped while it runs and for nobody else. Baileys sees the swap because
 * imported names are live, whoever imported it first.
 */
export const withSharedContext = <R>(make: () => R): R => {
  if (!dear) return make();
  const module = asyncHooks as { AsyncLocalStorage: unknown };
  const original = module.AsyncLocalStorage;
  module.AsyncLocalStorage = SharedAsyncLocalStorage;
  syncBuiltinESMExports();
  try {
    return make();
  } finally {
    module.AsyncLocalStorage = original;
    syncBuiltinESMExports();
  }
};
