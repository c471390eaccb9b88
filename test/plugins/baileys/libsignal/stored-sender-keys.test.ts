import { DEFAULT_CONNECTION_CONFIG, initAuthCreds } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import { decryptedInGroup } from '../../../../plugins/baileys/libsignal/stored-sender-keys.ts';
import { keptSenderKeys } from '../../../../plugins/baileys/repairs/skipped-sender-keys.ts';
import { quietLogger as quiet } from '../quiet-logger.ts';

const group = '1203630@g.us';
const ana = '98765432101234:7@lid';
const name = `${group}::98765432101234_1::7`;

/** Baileys' own repository on keys in memory. */
const device = (keys = new Map<string, Uint8Array>()) => {
  const store = {
    get: async (_: string, ids: string[]) => Object.fromEntries(ids.map((id) => [id, keys.get(id)])),
    set: async (data: Record<string, Record<string, Uint8Array>>) => {
      for (const [id, value] of Object.entries(data['sender-key'] ?? {})) keys.set(id, value);
    },
    transaction: (work: () => Promise<unknown>) => work(),
    isInTransaction: () => false,
  };
  const make = keptSenderKeys(DEFAULT_CONNECTION_CONFIG.makeSignalRepository);
  return { keys, repository: make({ creds: initAuthCreds(), keys: store } as never, quiet, async () => []) };
};

type Device = ReturnType<typeof device>;

const write = ({ repository }: Device, text: string) =>
  repository.encryptGroupMessage({ group, meId: ana, data: Buffer.from(text) });

const tell = ({ repository }: Device, axolotlSenderKeyDistributionMessage: Uint8Array) =>
  repository.processSenderKeyDistributionMessage({
    item: { groupId: group, axolotlSenderKeyDistributionMessage },
    authorJid: ana,
  });

/** What is stored says: bytes are a list of numbers or base64. */
const said = (key: Uint8Array): unknown =>
  JSON.parse(Buffer.from(key).toString(), (_, value: { type?: unknown; data: string } | null) =>
    value?.type === 'Buffer' ? Buffer.from(value.data as never, 'base64').toString('hex') : value,
  );

describe('a message in a group', () => {
  it('is decrypted as Baileys does, and leaves the same key, when it is the sender’s latest one', async () => {
    const [hers, his] = [device(), device()];
    let [quick, slow] = [0, 0];
    const late: Uint8Array[] = [];
    let [next, heirs]: [Buffer | null, number] = [null, 0];
    for (let at = 0; at < 40; at++) {
      // Now and then she begins with a new key, and now and then a message comes late.
      if (at % 15 === 14) hers.keys.delete(name);
      const { ciphertext, senderKeyDistributionMessage } = await write(hers, `message ${at}`);
      if (at % 15 === 14 || at === 0) await tell(his, senderKeyDistributionMessage);
      if (at % 10 === 5) late.push((await write(hers, 'comes late')).ciphertext);
      const before = his.keys.get(name)!;
      const step = decryptedInGroup(before, ciphertext);
      // What the step before stored is read by the next one without its text, and by Baileys.
      const heir = next && device(new Map([[name, next]]));
      const following: Uint8Array | null = next && (decryptedInGroup(next, ciphertext)?.senderKey ?? null);
      if (heir && following && at % 4 === 1) {
        const read = await heir.repository.decryptGroupMessage({ group, authorJid: ana, msg: ciphertext });
        expect(Buffer.from(read).toString()).toBe(`message ${at}`);
        expect(said(heir.keys.get(name)!)).toEqual(said(following));
        heirs += 1;
      }
      const copy = Buffer.from(before);
      const plaintext = await his.repository.decryptGroupMessage({ group, authorJid: ana, msg: ciphertext });
      expect(Buffer.from(plaintext).toString()).toBe(`message ${at}`);
      expect(Buffer.from(before).equals(copy)).toBe(true);
      if (step) {
        expect(step.bytes.toString()).toBe(`message ${at}`);
        expect(said(step.senderKey)).toEqual(said(his.keys.get(name)!));
        if (following) expect(said(following)).toEqual(said(step.senderKey));
        next = step.senderKey;
        expect(decryptedInGroup(step.senderKey, ciphertext)).toBeNull();
        quick += 1;
      } else slow += 1;
    }
    for (const msg of late) {
      expect(decryptedInGroup(his.keys.get(name)!, msg)).toBeNull();
      const plaintext = await his.repository.decryptGroupMessage({ group, authorJid: ana, msg });
      expect(Buffer.from(plaintext).toString()).toBe('comes late');
    }
    expect(quick + slow).toBe(40);
    expect(quick).toBeGreaterThan(30);
    expect(heirs).toBeGreaterThan(5);
  });

  it('that is not what it should be is left to Baileys', async () => {
    const [hers, his] = [device(), device()];
    const { ciphertext, senderKeyDistributionMessage } = await write(hers, 'the one');
    await tell(his, senderKeyDistributionMessage);
    const key = his.keys.get(name)!;
    const tried = (bytes: Uint8Array, by = key): unknown => {
      try {
        return decryptedInGroup(by, bytes);
      } catch (error) {
        return error;
      }
    };
    expect(decryptedInGroup(key, ciphertext)?.bytes.toString()).toBe('the one');
    for (let at = 0; at < ciphertext.length; at += 3) {
      const changed = Buffer.from(ciphertext);
      changed[at]! ^= 1;
      const found = tried(changed);
      expect(found === null || found instanceof Error).toBe(true);
      expect(tried(ciphertext.subarray(0, at))).toBeNull();
    }
    expect(tried(ciphertext, Buffer.from('[]'))).toBeNull();
    expect(tried(ciphertext, Buffer.from('no json'))).toBeInstanceOf(Error);
  });
});
