import { setImmediate as soon } from 'node:timers/promises';
import { addTransactionCapability, type SignalDataTypeMap } from '@whiskeysockets/baileys';
import { pino } from 'pino';
import { describe, expect, it, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { AuthState } from '../../../plugins/baileys/credentials/auth-state.ts';
import { type Deferred, deferred } from '../../../plugins/baileys/deferred.ts';
import { EventQueue } from '../../../plugins/baileys/inbound/event-queue.ts';
import { holdingRepository } from '../../../plugins/baileys/repairs/held-transactions.ts';
import { ReceiptGate } from '../../../plugins/baileys/repairs/receipt-gate.ts';
import { settle } from '../../support/clock.ts';
import { MemoryAuth, testLog } from './session.ts';

/** A store whose commits end when the test says so. */
class SlowAuth extends MemoryAuth {
  readonly open: Deferred<void>[] = [];

  override async commit(changes: Parameters<MemoryAuth['commit']>[0]): Promise<void> {
    const end = deferred();
    this.open.push(end);
    await end.promise;
    await super.commit(changes);
  }
}

const setUp = async () => {
  const auth = new SlowAuth();
  const failures: unknown[] = [];
  const onFailure = (error: unknown) => failures.push(error);
  const state = await AuthState.load({ session: 'test', auth, log: testLog, onFailure });
  const sent: unknown[] = [];
  const socket = { readyState: 1, OPEN: 1, send: (data: unknown) => sent.push(data) } as unknown as WebSocket;
  const gate = new ReceiptGate(5_000);
  gate.attach(socket);
  state.writeBehind({
    holdUntil: (durable) => gate.holdUntil(durable),
    hold: () => {
      const id = gate.hold();
      return () => gate.release(id);
    },
  });
  return { auth, state, sent, socket, gate, failures };
};

const session = (byte: number) => Buffer.from([byte]) as SignalDataTypeMap['session'];

describe('keys that are written behind', () => {
  it('let Baileys go on at once, and keep what it writes from leaving until they are durable', async () => {
    const { auth, state, sent, socket } = await setUp();
    socket.send('before');
    await state.keys.set({ session: { a: session(1) } });
    socket.send('receipt');
    await soon();
    expect(sent).toEqual(['before']);
    auth.open[0]?.resolve();
    await soon();
    expect(sent).toEqual(['before', 'receipt']);
  });

  it('share a commit, in the order of the writes', async () => {
    const { auth, state } = await setUp();
    await state.keys.set({ session: { a: session(1) } });
    await soon();
    await state.keys.set({ session: { a: session(2) } });
    await state.keys.set({ session: { b: session(3), a: session(4) } });
    auth.open[0]?.resolve();
    await soon();
    expect(auth.open).toHaveLength(2);
    auth.open[1]?.resolve();
    await state.settled();
    expect(auth.commits.map(({ keys }) => keys?.map(({ id }) => id))).toEqual([['a'], ['a', 'b']]);
    expect(await state.keys.get('session', ['a', 'b'])).toEqual({ a: session(4), b: session(3) });
  });

  it('are read as they will be, of kinds that Baileys changes in place as well', async () => {
    const { auth, state } = await setUp();
    await state.keys.set({ 'device-list': { anna: ['0', '1'] }, session: { gone: null } });
    expect(await state.keys.get('device-list', ['anna'])).toEqual({ anna: ['0', '1'] });
    await soon();
    expect(await state.keys.get('device-list', ['anna'])).toEqual({ anna: ['0', '1'] });
    expect(await state.keys.get('session', ['gone'])).toEqual({});
    auth.open[0]?.resolve();
    await state.settled();
    expect(await state.keys.get('device-list', ['anna'])).toEqual({ anna: ['0', '1'] });
  });

  it('that cannot be written let nothing leave any more', async () => {
    const { auth, state, sent, socket, gate, failures } = await setUp();
    await state.keys.set({ session: { a: session(1) } });
    socket.send('receipt');
    await soon();
    auth.open[0]?.reject(new Error('the disk is full'));
    await soon();
    gate.open();
    socket.send('more');
    await soon();
    expect([sent, failures.length]).toEqual([[], 1]);
  });

  it('are not written after others that could not be: what they go on from is not there', async () => {
    const { auth, state, failures } = await setUp();
    await state.keys.set({ session: { a: session(1) } });
    await soon();
    await state.keys.set({ session: { a: session(2) } });
    auth.open[0]?.reject(new Error('the connection was lost'));
    await state.settled();
    await state.keys.set({ session: { a: session(3) } });
    await state.settled();
    expect([auth.commits, auth.open.length, failures.length]).toEqual([[], 1, 1]);
  });

  it('hold what leaves even when everything else is let go', async () => {
    const { auth, state, sent, socket, gate } = await setUp();
    gate.hold();
    await state.keys.set({ session: { a: session(1) } });
    socket.send('receipt');
    gate.open();
    await soon();
    expect(sent).toEqual([]);
    auth.open[0]?.resolve();
    await soon();
    expect(sent).toEqual(['receipt']);
  });
});

describe('a message that is written while its transaction is open', () => {
  const logger = pino({ level: 'silent' }) as never;
  const options = { maxCommitRetries: 1, delayBetweenTriesMs: 0 };

  const sending = async () => {
    const held = await setUp();
    const keys = addTransactionCapability(held.state.keys, logger, options);
    const encryptMessage = async () => {
      await keys.set({ session: { anna: session(1) } });
      return { type: 'msg', ciphertext: Buffer.from('secret') };
    };
    const make = holdingRepository(held.state, () => ({ encryptMessage }) as never);
    const repository = make({ creds: held.state.creds, keys }, logger, async () => undefined);
    const message = { jid: 'anna', data: Buffer.from('hello') };
    return { ...held, keys, encrypt: () => repository.encryptMessage(message) };
  };

  it('leaves when the step of the ratchet is on disk', async () => {
    const { auth, state, keys, encrypt, socket, sent } = await sending();
    await keys.transaction(async () => {
      await encrypt();
      socket.send('message');
    }, 'me');
    await soon();
    expect([sent, auth.open.length]).toEqual([[], 1]);
    auth.open[0]?.resolve();
    await soon();
    expect(sent).toEqual(['message']);
    await state.settled();
    expect(auth.commits.map(({ keys: changes }) => changes?.map(({ type, id }) => `${type} ${id}`))).toEqual([
      ['session anna'],
    ]);
  });

  it('to a group leaves when it is on disk who has its key', async () => {
    const { auth, keys, socket, sent } = await sending();
    await keys.transaction(async () => {
      socket.send('query for devices');
      await keys.set({ 'sender-key-memory': { group: { anna: true } } });
      socket.send('message');
    }, 'me');
    await soon();
    expect(sent).toEqual(['query for devices']);
    auth.open[0]?.resolve();
    await soon();
    expect(sent).toEqual(['query for devices', 'message']);
  });

  it('holds nothing when the transaction fails', async () => {
    const { keys, encrypt, socket, sent } = await sending();
    const failing = keys.transaction(async () => {
      await encrypt();
      socket.send('receipt');
      throw new Error('no');
    }, 'me');
    await expect(failing).rejects.toThrow('no');
    await soon();
    expect(sent).toEqual(['receipt']);
  });

  it('waits for a database that is slow between encrypting and writing, and leaves with the key that was stored', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { auth, keys, encrypt, socket, sent } = await sending();
      const read = deferred();
      const open = keys.transaction(async () => {
        await encrypt();
        await read.promise;
        socket.send('message');
      }, 'me');
      await soon();
      vi.advanceTimersByTime(15_000);
      read.resolve();
      await open;
      await soon();
      expect([sent, auth.open.length]).toEqual([[], 1]);
      auth.open[0]?.resolve();
      await soon();
      expect(sent).toEqual(['message']);
    } finally {
      vi.useRealTimers();
    }
  });

  it('never leaves when its transaction does not end, which ends the connection', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { keys, encrypt, socket, sent, failures, gate } = await sending();
      void keys.transaction(async () => {
        await encrypt();
        socket.send('message');
        await deferred().promise;
      }, 'me');
      await soon();
      gate.open();
      vi.advanceTimersByTime(60_000);
      await soon();
      expect([sent, failures]).toEqual([[], [expect.objectContaining({ code: 'UNAVAILABLE' })]]);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('facts that are piped', () => {
  const queueOf = () => new EventQueue({ log: testLog, limit: 100, onFull: () => undefined, onRoom: () => undefined });

  it('begin in order, whichever is prepared first, and do not wait for each other', async () => {
    const said: string[] = [];
    const queue = queueOf();
    const [slow, end] = [deferred(), deferred()];
    const publish = (name: string) => async () => {
      said.push(name);
      await end.promise;
    };
    queue.pipe({ prepared: slow.promise, publish: publish('one') });
    queue.pipe({ prepared: Promise.resolve(), publish: publish('two') });
    await soon();
    expect(said).toEqual([]);
    slow.resolve();
    await soon();
    expect([said, queue.length]).toEqual([['one', 'two'], 2]);
    const reached = vi.fn();
    void queue.reached().then(reached);
    await soon();
    expect(reached).not.toHaveBeenCalled();
    end.resolve();
    await soon();
    expect(reached).toHaveBeenCalled();
    await queue.idle();
  });

  it('that fail are passed over, and a marker waits for those before it only', async () => {
    const queue = queueOf();
    const end = deferred();
    queue.pipe({ prepared: Promise.resolve(), publish: () => Promise.reject(new Error('no')) });
    const reached = queue.reached();
    queue.pipe({ prepared: Promise.resolve(), publish: () => end.promise });
    await reached;
    // The marker's own turn ends.
    await settle();
    expect(queue.length).toBe(1);
    end.resolve();
    await queue.idle();
    await queue.reached();
  });
});
