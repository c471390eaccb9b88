import { EventEmitter } from 'node:events';
import { type AuthenticationCreds, addTransactionCapability, type BinaryNode, proto } from '@whiskeysockets/baileys';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AuthState } from '../../../../plugins/baileys/credentials/auth-state.ts';
import { InboundJournal } from '../../../../plugins/baileys/inbound/inbound-journal.ts';
import { JournalSlots } from '../../../../plugins/baileys/inbound/journal-slots.ts';
import { MemoryAuth, testLog } from '../session.ts';

describe('the slots of a journal', () => {
  it('are used again, the last one freed first', () => {
    const slots = new JournalSlots();
    const [one, two] = [slots.take(), slots.take()];
    expect(one).not.toBe(two);
    slots.free(one);
    slots.free(two);
    expect([slots.take(), slots.take()]).toEqual([two, one]);
  });

  it('are given up when nobody needed them since the last look, and never come again', () => {
    const slots = new JournalSlots();
    const taken = [slots.take(), slots.take(), slots.take()];
    for (const slot of taken) slots.free(slot);
    expect(slots.idle()).toEqual([]);
    slots.free(slots.take());
    expect(slots.idle()).toEqual(taken.slice(0, 2));
    expect(slots.idle()).toEqual(taken.slice(2));
    expect(slots.anyFree).toBe(false);
    expect(taken).not.toContain(slots.take());
  });

  it('of two connections are never the same', () => {
    expect(new JournalSlots().take()).not.toBe(new JournalSlots().take());
  });
});

const logger = pino({ level: 'silent' }) as never;
const plaintext = Buffer.concat([proto.Message.encode({ conversation: 'hello' }).finish(), Buffer.from([1])]);

/** A journal around a repository that decrypts everything to the same message. */
const setUp = async (auth = new MemoryAuth()) => {
  const state = await AuthState.load({ session: 'test', auth, log: testLog, onFailure: () => undefined });
  const creds = { ...state.creds, me: { id: '4915200000001:3@s.whatsapp.net' } } as AuthenticationCreds;
  const journal = new InboundJournal({
    state: Object.assign(state, { creds }),
    store: auth,
    log: testLog,
    now: () => 1,
  });
  const keys = addTransactionCapability(state.keys, logger, { maxCommitRetries: 1, delayBetweenTriesMs: 0 });
  const decryptMessage = async () => plaintext;
  const repository = journal.wrap(() => ({ decryptMessage }) as never)({ creds, keys }, logger, async () => undefined);
  const ws = Object.assign(new EventEmitter());
  const ev = Object.assign(new EventEmitter(), { flush: () => undefined });
  // What is never handed out is not what these tests are about.
  const messageMutex = { mutex: () => new Promise(() => undefined) };
  journal.attach({ ws, ev, messageMutex } as never, () => undefined);
  const decrypt = (id: string): Promise<Uint8Array> => {
    const ciphertext = Buffer.from(id);
    const attrs = { id, from: '4915200000002@s.whatsapp.net', t: '1741249702' };
    const stanza: BinaryNode = { tag: 'message', attrs, content: [{ tag: 'enc', attrs: {}, content: ciphertext }] };
    ws.emit('CB:message', stanza);
    return repository.decryptMessage({ jid: attrs.from, type: 'msg', ciphertext });
  };
  /** Each write of an entry as `+key`, each removal as `-key`. */
  const written = () =>
    auth.commits
      .flatMap((commit) => commit.keys ?? [])
      .filter(({ type }) => (type as string) === 'waha-inbound')
      .map(({ id, value }) => `${value ? '+' : '-'}${id}`);
  const stored = () => [...auth.store.keys()].map((key) => key.slice('waha-inbound.'.length));
  return { auth, journal, keys, decrypt, written, stored };
};

describe('the journal', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  it('writes a message over the one that was published before it, and removes nothing', async () => {
    const { journal, decrypt, written } = await setUp();
    for (const id of ['A', 'B', 'C']) {
      await decrypt(id);
      journal.published(id);
    }
    const [first] = written();
    expect(first).toMatch(/^\+/);
    expect(written()).toEqual([first, first, first]);
  });

  it('writes nothing over a message that is not published, in whichever order the others are', async () => {
    const { auth, journal, decrypt, stored } = await setUp();
    for (const id of ['A', 'B', 'C']) await decrypt(id);
    journal.published('B');
    await decrypt('D');
    journal.published('D');
    await decrypt('E');
    expect(stored()).toHaveLength(3);
    const left = await (await setUp(auth)).journal.left();
    expect(left.map(({ key }) => key.id)).toEqual(['A', 'C', 'E']);
  });

  it('removes what no message was written over within a while, and keeps the slot of the others', async () => {
    const { journal, decrypt, stored } = await setUp();
    for (const id of ['A', 'B']) await decrypt(id);
    for (const id of ['A', 'B']) journal.published(id);
    await vi.advanceTimersByTimeAsync(1000);
    expect(stored()).toHaveLength(2);
    await decrypt('C');
    await vi.advanceTimersByTimeAsync(1000);
    expect(stored()).toHaveLength(1);
    journal.published('C');
    await vi.advanceTimersByTimeAsync(3000);
    expect(stored()).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('removes everything that is published when it is told to', async () => {
    const { journal, decrypt, stored } = await setUp();
    for (const id of ['A', 'B']) await decrypt(id);
    journal.published('A');
    await journal.flush();
    await decrypt('C');
    expect(stored()).toHaveLength(2);
  });

  it('writes nothing over what a former connection left, and removes it when it is published', async () => {
    const { auth, decrypt } = await setUp();
    await decrypt('A');
    // As former versions named them.
    const old = JSON.parse(Buffer.from([...auth.store.values()][0] ?? []).toString());
    old.attrs.id = 'Z';
    auth.store.set('waha-inbound.m7x.1.Z', Buffer.from(JSON.stringify({ ...old, at: 0 })));
    const next = await setUp(auth);
    await next.decrypt('B');
    next.journal.published('B');
    expect((await next.journal.left()).map(({ key }) => key.id)).toEqual(['Z', 'A', 'B']);
    for (const id of ['Z', 'A']) next.journal.published(id);
    await next.decrypt('C');
    await next.decrypt('D');
    const third = await setUp(auth);
    expect((await third.journal.left()).map(({ key }) => key.id)).toEqual(['C', 'D']);
  });

  it('never writes over an entry whose transaction was open when its message was published', async () => {
    const { auth, journal, keys, decrypt } = await setUp();
    await keys.transaction(async () => {
      await decrypt('A');
      journal.published('A');
      const other = new Promise<void>((resolve) => setImmediate(resolve));
      await other;
    }, 'outer');
    await decrypt('B');
    const left = await (await setUp(auth)).journal.left();
    expect(left.map(({ key }) => key.id)).toEqual(['B']);
    const ids = auth.commits.flatMap((commit) => commit.keys ?? []).map(({ id, value }) => [id, value !== null]);
    const [[a], [b]] = ids.filter(([, isPut]) => isPut) as [[string], [string]];
    expect(a).not.toBe(b);
  });
});
