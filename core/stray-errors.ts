import { AsyncLocalStorage } from 'node:async_hooks';
import type { Trace } from './trace.ts';

/** Ends the work that an error escaped from, such as an HTTP request. */
export type FailWork = (error: unknown) => void;

/** Empty once the work is over: what it started may live long, and shall not keep the request. */
interface Owner {
  fail: FailWork | undefined;
  /** The trace that the work belongs to. */
  trace: (() => Trace) | undefined;
}

const owners = new AsyncLocalStorage<Owner>();

/** Works under way. */
let running = 0;

/**
 * Nobody is found any more: what a work that is over has started no longer has an owner. Before Node 24 an instance that is on
 * makes every promise of the process dearer, whoever made it: a tenth of an inbound message.
 */
const ended = (owner: Owner): void => {
  owner.fail = undefined;
  owner.trace = undefined;
  running -= 1;
  if (running === 0) owners.disable();
};

/**
 * Runs work that somebody waits for. An error that escapes it where nobody can catch it (in a timer, in a stream's or a
 * socket's event, in a promise that nobody awaits) is given to `fail`, so that whoever waits is told at once. Only errors
 * that would have ended the process come this way; what the work throws itself is thrown as usual.
 */
export const withStrayErrors = async <T>(fail: FailWork, work: () => Promise<T>, trace?: () => Trace): Promise<T> => {
  const owner: Owner = { fail, trace };
  running += 1;
  try {
    return await owners.run(owner, work);
  } finally {
    ended(owner);
  }
};

/** The trace of the work that is under way, undefined outside of any. */
export const currentTrace = (): Trace | undefined => owners.getStore()?.trace?.();

/** What is passed on with whatever this work causes, undefined outside of any. */
export const currentTraceparent = (): string | undefined => currentTrace()?.traceparent;

/** Fails the work that an uncaught error escaped from, if it is known. Call it while the error is being handled. */
export const failOwnerOf = (error: unknown): void => owners.getStore()?.fail?.(error);
