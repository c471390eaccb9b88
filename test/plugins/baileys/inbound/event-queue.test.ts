import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { deferred } from '../../../../plugins/baileys/deferred.ts';
import { EventQueue } from '../../../../plugins/baileys/inbound/event-queue.ts';
import { type Sandbox, startSandbox } from '../../../../plugins/sandbox/sandbox.ts';
import { settle } from '../../../support/clock.ts';
import { TestSession, testLog } from '../session.ts';

const PHONE = '4915200000090';
const WAITING = 120;
const LIVE = 10;

let sandbox: Sandbox;
let session: TestSession;

beforeAll(async () => {
  sandbox = await startSandbox();
  session = new TestSession(sandbox);
  sandbox.phone(PHONE, { name: 'Shop' });
  await session.link(sandbox, PHONE);
});
afterAll(async () => {
  await session.close();
  await sandbox.close();
});

describe('a message that comes while older ones that waited are still being handled', () => {
  it('does not overtake them', async () => {
    await session.close();
    const contact = sandbox.contact('4915200000091');
    const texts = Array.from({ length: WAITING + LIVE }, (_, i) => `in order ${i}`);
    for (const text of texts.slice(0, WAITING)) await contact.send(PHONE, text);
    const online = sandbox.next('online', ({ phone }) => phone === PHONE);
    const open = session.login();
    await online;
    for (const text of texts.slice(WAITING)) await contact.send(PHONE, text);
    await open;
    await session.event('message', ({ body }) => body === texts.at(-1));
    await session.event('message', ({ body }) => body === texts[WAITING - 1]);
    const bodies = session
      .named('message')
      .flatMap(({ payload }) => (/^in order/.test(payload.body) ? [payload.body] : []));
    expect(bodies).toEqual(texts);
  });
});

describe('facts of one session', () => {
  it('are handled one after the other; one that fails is passed over; a full queue says so', async () => {
    const said: string[] = [];
    const options = { log: testLog, limit: 2, onFull: () => said.push('full'), onRoom: () => said.push('room') };
    const queue = new EventQueue(options);
    for (const name of ['one', 'two', 'three']) {
      queue.push(async () => {
        await Promise.resolve();
        said.push(name);
        if (name === 'two') throw new Error('two');
      });
    }
    await queue.reached();
    expect(said).toEqual(['full', 'one', 'two', 'three', 'room']);
    await queue.idle();
  });

  it('are dropped when they are given up', async () => {
    const queue = new EventQueue({ log: testLog, limit: 9, onFull: () => undefined, onRoom: () => undefined });
    const done = vi.fn();
    queue.push(async () => undefined);
    queue.push(async () => done());
    const reached = queue.reached();
    queue.abandon();
    await reached;
    expect(done).not.toHaveBeenCalled();
  });

  it('are reached when all before have ended, in whatever order they end, and whatever comes later', async () => {
    const queue = new EventQueue({ log: testLog, limit: 99, onFull: () => undefined, onRoom: () => undefined });
    const ends = Array.from({ length: 4 }, () => deferred());
    const said: string[] = [];
    const pipe = (at: number) => queue.pipe({ prepared: Promise.resolve(), publish: () => ends[at]!.promise });
    pipe(0);
    pipe(1);
    void queue.reached().then(() => said.push('two'));
    pipe(2);
    await settle();
    void queue.reached().then(() => said.push('three'));
    pipe(3);
    ends[2]!.resolve();
    ends[1]!.reject(new Error('one'));
    await settle();
    expect(said).toEqual([]);
    ends[0]!.resolve();
    await settle();
    expect(said).toEqual(['two', 'three']);
    ends[3]!.resolve();
    await queue.idle();
    await queue.reached();
  });

  it('are reached when they are published, and not while they are being prepared', async () => {
    const queue = new EventQueue({ log: testLog, limit: 9, onFull: () => undefined, onRoom: () => undefined });
    const [prepared, published] = [deferred(), deferred()];
    const said: string[] = [];
    queue.pipe({
      prepared: prepared.promise,
      publish: async () => {
        said.push('begins');
        await published.promise;
        said.push('is published');
      },
    });
    await settle();
    const first = queue.reached().then(() => said.push('reached'));
    prepared.resolve();
    await settle();
    const second = queue.reached().then(() => said.push('reached'));
    await settle();
    expect(said).toEqual(['begins']);
    published.resolve();
    await Promise.all([first, second]);
    expect(said).toEqual(['begins', 'is published', 'reached', 'reached']);
  });
});
