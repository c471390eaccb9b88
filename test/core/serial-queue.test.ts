import { describe, expect, it } from 'vitest';
import { KeyedSerialQueue, SerialQueue } from '../../core/serial-queue.ts';

/** Work that notes when it begins and ends, and ends when it is told to. */
const work = (name: string, seen: string[]) => {
  let end: (failure?: Error) => void = () => undefined;
  const ended = new Promise<void>((resolve, reject) => {
    end = (failure) => (failure ? reject(failure) : resolve());
  });
  const run = async (): Promise<string> => {
    seen.push(`${name} begins`);
    await ended;
    seen.push(`${name} ends`);
    return name;
  };
  return { run, end };
};

describe('a serial queue', () => {
  it('begins work when the work before it has ended, and answers each with its own result', async () => {
    const seen: string[] = [];
    const queue = new SerialQueue();
    const [a, b] = [work('a', seen), work('b', seen)];
    const results = [queue.run(a.run), queue.run(b.run)];
    b.end();
    a.end();
    expect(await Promise.all(results)).toEqual(['a', 'b']);
    expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  });

  it('goes on behind work that fails, and tells the failure to whoever gave that work', async () => {
    const queue = new SerialQueue();
    const failing = queue.run(() => Promise.reject(new Error('no')));
    const next = queue.run(() => 'next');
    await expect(failing).rejects.toThrow('no');
    await expect(next).resolves.toBe('next');
  });

  it('is idle when all that was given is done, also when the last work failed', async () => {
    const seen: string[] = [];
    const queue = new SerialQueue();
    const a = work('a', seen);
    const result = queue.run(a.run);
    const idle = queue.idle().then(() => seen.push('idle'));
    a.end(new Error('no'));
    await expect(result).rejects.toThrow('no');
    await idle;
    expect(seen).toEqual(['a begins', 'idle']);
  });
});

describe('a serial queue for each key', () => {
  it('lets other keys go ahead, and keeps the order of one key', async () => {
    const seen: string[] = [];
    const queue = new KeyedSerialQueue();
    const [a, b, other] = [work('a', seen), work('b', seen), work('other', seen)];
    const [first, second] = [queue.run('x', a.run), queue.run('x', b.run)];
    other.end();
    await queue.run('y', other.run);
    a.end();
    b.end();
    await Promise.all([first, second]);
    expect(seen).toEqual(['a begins', 'other begins', 'other ends', 'a ends', 'b begins', 'b ends']);
  });
});
