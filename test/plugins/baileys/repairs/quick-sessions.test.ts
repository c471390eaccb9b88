import {
  addTransactionCapability,
  DEFAULT_CONNECTION_CONFIG,
  generateSignalPubKey,
  initAuthCreds,
} from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import { AuthState } from '../../../../plugins/baileys/credentials/auth-state.ts';
import { deferred } from '../../../../plugins/baileys/deferred.ts';
import { quickDecryption, quickEncryption } from '../../../../plugins/baileys/repairs/quick-sessions.ts';
import { quietLogger as quiet } from '../quiet-logger.ts';
import { MemoryAuth, testLog } from '../session.ts';

const ana = '98765432101234@lid';
const bob = '55555555555555:3@lid';
type Make = typeof DEFAULT_CONNECTION_CONFIG.makeSignalRepository;
const plain: Make = DEFAULT_CONNECTION_CONFIG.makeSignalRepository;

/** A device with its keys. `slow` counts what went Baileys' own road; with `quick` false all does. */
const device = async (quick: boolean, creds = initAuthCreds(), stored = new Map<string, Uint8Array>()) => {
  const memory = new MemoryAuth();
  for (const [key, value] of stored) memory.store.set(key, value);
  const auth = await AuthState.load({ session: 'test', auth: memory, log: testLog, onFailure: () => undefined });
  Object.assign(auth.creds, creds);
  const keys = addTransactionCapability(auth.keys, quiet, { maxCommitRetries: 1, delayBetweenTriesMs: 0 });
  const slow = { read: 0, written: 0 };
  const counted: Make = (...args) => {
    const inner = plain(...args);
    return {
      ...inner,
      decryptMessage: (options) => {
        slow.read += 1;
        return inner.decryptMessage(options);
      },
      decryptGroupMessage: (options) => {
        slow.read += 1;
        return inner.decryptGroupMessage(options);
      },
      encryptMessage: (options) => {
        slow.written += 1;
        return inner.encryptMessage(options);
      },
    };
  };
  const told: string[] = [];
  const options = {
    auth,
    now: () => Date.now(),
    write: (_: Uint8Array, plaintext: Uint8Array, changes: object) =>
      Promise.resolve(auth.keys.set({ ...changes, 'waha-inbound': { [`slot ${told.length}`]: plaintext } } as never)),
    onDecrypted: () => void told.push('decrypted'),
    breathe: () => undefined,
  };
  const make = quick ? quickDecryption(options, quickEncryption(auth, counted)) : counted;
  const repository = make({ creds: auth.creds, keys } as never, quiet, async () => []);
  return { auth, keys, memory, repository, slow, told };
};

type Device = Awaited<ReturnType<typeof device>>;

/** Within a transaction, as all of Baileys' sends are. */
const write = (from: Device, to: string, text: string) =>
  from.keys.transaction(() => from.repository.encryptMessage({ jid: to, data: Buffer.from(text) }), 'own');

type Sent = Awaited<ReturnType<typeof write>>;

const read = async (to: Device, from: string, { type, ciphertext }: Sent): Promise<string> =>
  Buffer.from(await to.repository.decryptMessage({ jid: from, type, ciphertext })).toString();

/** Ana has written to Bob, he has answered, and she has written again: each has a chain that the other one knows. */
const acquainted = async (): Promise<readonly [Device, Device]> => {
  const [hers, his] = [await device(true), await device(true)];
  const { signedIdentityKey, signedPreKey, registrationId } = his.auth.creds;
  await hers.repository.injectE2ESession({
    jid: bob,
    session: {
      registrationId,
      identityKey: generateSignalPubKey(signedIdentityKey.public),
      signedPreKey: {
        keyId: signedPreKey.keyId,
        publicKey: generateSignalPubKey(signedPreKey.keyPair.public),
        signature: signedPreKey.signature,
      },
    } as never,
  });
  expect(await read(his, ana, await write(hers, bob, 'hello'))).toBe('hello');
  expect(await read(hers, bob, await write(his, ana, 'who is it'))).toBe('who is it');
  expect(await read(his, ana, await write(hers, bob, 'Ana'))).toBe('Ana');
  expect(hers.slow.written).toBe(0);
  return [hers, his];
};

/** What is stored, but for the time of the last use. */
const stored = async ({ auth, memory }: Device): Promise<Record<string, string>> => {
  await auth.settled();
  const sessions = [...memory.store].filter(([key]) => key.startsWith('session.'));
  return Object.fromEntries(
    sessions.map(([key, value]) => [
      key,
      Buffer.from(value)
        .toString()
        .replace(/"used":\d+/g, '"used":0'),
    ]),
  );
};

/** The same device in the hands of Baileys alone. */
const twin = async (one: Device): Promise<Device> => {
  await one.auth.settled();
  return device(false, one.auth.creds, one.memory.store);
};

describe('sessions that go on', () => {
  it('read and write what Baileys would, and leave the keys that it would leave', async () => {
    const [hers, his] = await acquainted();
    const before = { ...his.slow };
    for (let at = 0; at < 20; at++) {
      const [herTwin, hisTwin] = [await twin(hers), await twin(his)];
      const sent = await write(hers, bob, `message ${at}`);
      expect((await write(herTwin, bob, `message ${at}`)).ciphertext).toEqual(sent.ciphertext);
      expect(await read(his, ana, sent)).toBe(`message ${at}`);
      expect(await read(hisTwin, ana, sent)).toBe(`message ${at}`);
      expect(await stored(hers)).toEqual(await stored(herTwin));
      expect(await stored(his)).toEqual(await stored(hisTwin));
    }
    expect(his.slow.read).toBe(before.read);
    expect(hers.slow.written).toBe(0);
  });

  it('store the key of a message and its plaintext in one commit', async () => {
    const [hers, his] = await acquainted();
    const sent = await write(hers, bob, 'both');
    his.memory.commits.length = 0;
    await read(his, ana, sent);
    await his.auth.settled();
    expect(his.memory.commits.map(({ keys }) => keys?.map(({ type }) => type).sort())).toEqual([
      ['session', 'waha-inbound'],
    ]);
    expect(his.told).toContain('decrypted');
  });

  it('take messages in any order, and each once', async () => {
    const [hers, his] = await acquainted();
    const sent: Sent[] = [];
    for (let at = 0; at < 12; at++) sent.push(await write(hers, bob, `${at}`));
    const heard: string[] = [];
    for (const one of sent.reverse()) heard.push(await read(his, ana, one));
    expect(heard.map(Number)).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    for (const one of sent) await expect(read(his, ana, one)).rejects.toThrow();
  });

  it('never use a key twice, however many are encrypted at once', async () => {
    const [hers, his] = await acquainted();
    const texts = Array.from({ length: 20 }, (_, at) => `at once ${at}`);
    const sent = await hers.keys.transaction(
      () => Promise.all(texts.map((text) => hers.repository.encryptMessage({ jid: bob, data: Buffer.from(text) }))),
      'own',
    );
    expect(await Promise.all(sent.map((one) => read(his, ana, one)))).toEqual(texts);
  });

  it('wait for Baileys’ transactions: what one of them changes is not written over', async () => {
    const [hers, his] = await acquainted();
    const [first, second] = [await write(hers, bob, 'first'), await write(hers, bob, 'second')];
    const { read: before } = his.slow;
    const [begun, go] = [deferred(), deferred()];
    const open = his.keys.transaction(async () => {
      begun.resolve();
      await go.promise;
    }, ana);
    await begun.promise;
    const heard = read(his, ana, first);
    go.resolve();
    await open;
    expect(await heard).toBe('first');
    expect(his.slow.read).toBe(before + 1);
    expect(await read(his, ana, second)).toBe('second');
    expect(his.slow.read).toBe(before + 1);
  });

  it('are left to Baileys where the other side is not known yet, or is ourselves', async () => {
    const [hers, his] = await acquainted();
    his.auth.creds.me = { id: '4915200000001:3@s.whatsapp.net', lid: ana };
    const { read: before } = his.slow;
    expect(await read(his, ana, await write(hers, bob, 'from my phone'))).toBe('from my phone');
    const stranger = await device(true);
    const sent = await write(hers, bob, 'to somebody else');
    await expect(read(stranger, ana, sent)).rejects.toThrow();
    expect([his.slow.read, stranger.slow.read]).toEqual([before + 1, 1]);
  });
});

it('messages in a group go without a transaction, too, and are stored with their plaintext', async () => {
  const [hers, his] = [await device(true), await device(true)];
  const group = '1203630@g.us';
  const said = (text: string) => hers.repository.encryptGroupMessage({ group, meId: ana, data: Buffer.from(text) });
  const { ciphertext, senderKeyDistributionMessage } = await said('first');
  await his.repository.processSenderKeyDistributionMessage({
    item: { groupId: group, axolotlSenderKeyDistributionMessage: senderKeyDistributionMessage },
    authorJid: ana,
  });
  his.memory.commits.length = 0;
  const heard = async (msg: Uint8Array) =>
    Buffer.from(await his.repository.decryptGroupMessage({ group, authorJid: ana, msg })).toString();
  expect([await heard(ciphertext), await heard((await said('second')).ciphertext)]).toEqual(['first', 'second']);
  await his.auth.settled();
  expect(his.slow.read).toBe(0);
  expect(his.told).toHaveLength(2);
  const types = his.memory.commits.flatMap(({ keys }) => keys?.map(({ type }) => type) ?? []);
  expect(new Set(types)).toEqual(new Set(['sender-key', 'waha-inbound']));
  await expect(heard(ciphertext)).rejects.toThrow();
});
