import { addTransactionCapability, DEFAULT_CONNECTION_CONFIG, initAuthCreds } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import { AuthState } from '../../../../plugins/baileys/credentials/auth-state.ts';
import { keptSenderKeys } from '../../../../plugins/baileys/repairs/skipped-sender-keys.ts';
import { quietLogger as quiet } from '../quiet-logger.ts';
import { MemoryAuth, testLog } from '../session.ts';

const group = '1203630@g.us';
const ana = '4915200003001:1@s.whatsapp.net';
const plain = DEFAULT_CONNECTION_CONFIG.makeSignalRepository;

/** A device with Baileys' own repository over the real key store. `restart` reads everything anew. */
const device = async (make: typeof plain) => {
  const auth = new MemoryAuth();
  const open = async () => {
    const state = await AuthState.load({ session: 'test', auth, log: testLog, onFailure: () => undefined });
    const keys = addTransactionCapability(state.keys, quiet, { maxCommitRetries: 1, delayBetweenTriesMs: 0 });
    return make({ creds: initAuthCreds(), keys }, quiet);
  };
  return { auth, open };
};

/** Ana writes to the group so often; what Bob was given, and her device. */
const written = async (count: number, make: typeof plain) => {
  const her = await device(make);
  const repository = await her.open();
  const sent: Uint8Array[] = [];
  let distribution: Uint8Array | undefined;
  for (let at = 1; at <= count; at++) {
    const data = Buffer.from(`message ${at}`);
    const { ciphertext, senderKeyDistributionMessage } = await repository.encryptGroupMessage({
      group,
      meId: ana,
      data,
    });
    distribution ??= senderKeyDistributionMessage;
    sent.push(ciphertext);
  }
  return { her, sent, item: { groupId: group, axolotlSenderKeyDistributionMessage: distribution as Uint8Array } };
};

const heard = async (order: readonly number[], make: typeof plain): Promise<string[]> => {
  const { sent, item } = await written(Math.max(...order), plain);
  const his = await device(make);
  await (await his.open()).processSenderKeyDistributionMessage({ item, authorJid: ana });
  const texts: string[] = [];
  for (const at of order) {
    const repository = await his.open();
    const msg = sent[at - 1] as Uint8Array;
    texts.push(Buffer.from(await repository.decryptGroupMessage({ group, authorJid: ana, msg })).toString());
  }
  return texts;
};

describe('sender keys that were skipped', () => {
  it('decrypt what comes late, in any order, also after a restart', async () => {
    const repaired = keptSenderKeys(plain);
    expect(await heard([1, 3, 2], repaired)).toEqual(['message 1', 'message 3', 'message 2']);
    expect(await heard([6, 2, 5, 1, 4, 3], repaired)).toEqual([6, 2, 5, 1, 4, 3].map((at) => `message ${at}`));
  });

  it('are read although they were stored without the repair', async () => {
    const { sent, item } = await written(3, plain);
    const his = await device(plain);
    const before = await his.open();
    await before.processSenderKeyDistributionMessage({ item, authorJid: ana });
    const take = (at: number) => ({ group, authorJid: ana, msg: sent[at] as Uint8Array });
    await before.decryptGroupMessage(take(2));
    const auth = await AuthState.load({ session: 'test', auth: his.auth, log: testLog, onFailure: () => undefined });
    const keys = addTransactionCapability(auth.keys, quiet, { maxCommitRetries: 1, delayBetweenTriesMs: 0 });
    const after = keptSenderKeys(plain)({ creds: initAuthCreds(), keys }, quiet);
    expect(Buffer.from(await after.decryptGroupMessage(take(1))).toString()).toBe('message 2');
  });

  it('are still needed: without the repair Baileys does not decrypt', async () => {
    await expect(heard([1, 3, 2], plain)).rejects.toThrow();
  });

  it('of our own do not pile up', async () => {
    const size = async (count: number) => {
      const { her } = await written(count, keptSenderKeys(plain));
      return [...her.auth.store].find(([key]) => key.startsWith('sender-key.'))?.[1].length ?? 0;
    };
    const [few, many] = [await size(3), await size(40)];
    expect(few).toBeGreaterThan(0);
    expect(many - few).toBeLessThan(40);
  });
});
