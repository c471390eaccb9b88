import { describe, expect, it } from 'vitest';
import { deferred } from '../../../../plugins/baileys/deferred.ts';
import { EventQueue } from '../../../../plugins/baileys/inbound/event-queue.ts';
import { testLog } from '../session.ts';

const setUp = (limit = 100) => {
  const said: string[] = [];
  const queue = new EventQueue({
    log: testLog,
    limit,
    onFull: () => said.push('full'),
    onRoom: () => said.push('room'),
  });
  const fact = (name: string, chat: string, more: object = {}) => ({
    prepared: Promise.resolve(),
    chat: () => chat,
    publish: async () => void said.push(name),
    ...more,
  });
  return { said, queue, fact };
};

describe('a fact that waits for its file', () => {
  it('holds up its own chat only, whose order it keeps', async () => {
    const { said, queue, fact } = setUp();
    const [file, other] = [deferred(), deferred()];
    queue.pipe(fact('picture', 'ana', { file: file.promise }));
    queue.pipe(fact('to ana', 'ana'));
    queue.pipe(fact('to bob', 'bob'));
    queue.pipe(fact('second picture', 'ana', { file: other.promise }));
    queue.pipe(fact('last to ana', 'ana'));
    queue.push(async () => void said.push('of no chat'));
    await queue.reached();
    expect(said).toEqual(['to bob', 'of no chat']);
    file.resolve();
    other.resolve();
    await queue.idle();
    expect(said.slice(2)).toEqual(['picture', 'to ana', 'second picture', 'last to ana']);
  });

  it('holds up nothing when its file is there already', async () => {
    const { said, queue, fact } = setUp();
    for (const name of ['one', 'two', 'three']) queue.pipe(fact(name, 'ana', { file: Promise.resolve() }));
    queue.pipe(fact('four', 'bob'));
    await queue.idle();
    expect(said.filter((name) => name !== 'four')).toEqual(['one', 'two', 'three']);
  });

  it('counts as waiting, so that the queue says when it is full', async () => {
    const { said, queue, fact } = setUp(2);
    const file = deferred();
    queue.pipe(fact('one', 'ana', { file: file.promise }));
    await queue.reached();
    queue.pipe(fact('two', 'ana'));
    expect(said).toEqual(['full']);
    file.resolve();
    await queue.idle();
    expect(said.filter((name) => name !== 'room')).toEqual(['full', 'one', 'two']);
    expect(said).toContain('room');
  });

  it('is left to the next connection when it is kept; what is not goes on', async () => {
    const { said, queue, fact } = setUp();
    const [file, own] = [deferred(), deferred()];
    queue.pipe(fact('kept', 'ana', { file: file.promise, isKept: true }));
    queue.pipe(fact('ack', 'ana'));
    queue.pipe(fact('kept, too', 'ana', { isKept: true }));
    queue.pipe(fact('own', 'bob', { file: own.promise }));
    await queue.reached();
    queue.leaveFiles();
    queue.pipe(fact('later', 'cid', { file: deferred().promise, isKept: true }));
    own.resolve();
    await queue.idle();
    expect(said).toEqual(['ack', 'own']);
  });

  it('is dropped when it is given up', async () => {
    const { said, queue, fact } = setUp();
    const file = deferred();
    queue.pipe(fact('picture', 'ana', { file: file.promise }));
    await queue.reached();
    queue.abandon();
    file.resolve();
    await queue.idle();
    expect(said).toEqual([]);
  });

  it('can be handed over within a task, which goes on', async () => {
    const { said, queue, fact } = setUp();
    const file = deferred();
    queue.push(async () => {
      await queue.handOver(fact('picture', 'ana', { file: file.promise }));
      await queue.handOver(fact('text', 'bob'));
      await queue.handOver(fact('behind the picture', 'ana'));
    });
    queue.pipe(fact('live, from ana', 'ana'));
    await queue.reached();
    expect(said).toEqual(['text']);
    file.resolve();
    await queue.idle();
    expect(said).toEqual(['text', 'picture', 'behind the picture', 'live, from ana']);
  });
});
