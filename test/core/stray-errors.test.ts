import { setTimeout as pause } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { currentTraceparent, failOwnerOf, withStrayErrors } from '../../core/stray-errors.ts';

const trace = (traceparent: string) => () => ({ traceparent }) as never;

it('works that are under way at the same time are each found, however the others end', async () => {
  const [first, second] = [vi.fn(), vi.fn()];
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const long = withStrayErrors(
    first,
    async () => {
      await ended;
      failOwnerOf('of the first');
      return currentTraceparent();
    },
    trace('one'),
  );
  const short = withStrayErrors(second, async () => pause(1, currentTraceparent()), trace('two'));
  expect(await short).toBe('two');
  end();
  expect(await long).toBe('one');
  expect(first).toHaveBeenCalledWith('of the first');
  expect(second).not.toHaveBeenCalled();
});

it('a work is found when others have ended before, and is not any more when it is over', async () => {
  const fail = vi.fn();
  let later: () => void = () => undefined;
  await expect(withStrayErrors(vi.fn(), () => Promise.reject(new Error('no')), trace('before'))).rejects.toThrow('no');
  const found = await withStrayErrors(
    fail,
    async () => {
      later = () => failOwnerOf('too late');
      await pause(1);
      failOwnerOf('in time');
      return currentTraceparent();
    },
    trace('this'),
  );
  later();
  expect(found).toBe('this');
  expect(fail.mock.calls).toEqual([['in time']]);
  expect(currentTraceparent()).toBeUndefined();
});
