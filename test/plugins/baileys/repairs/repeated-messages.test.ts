import { encodeWAMessage, proto, unpadRandomMax16 } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import { storageFailed } from '../../../../core/errors.ts';
import { storedMessage } from '../../../../plugins/baileys/messages/stored-message.ts';
import { knowingRepository } from '../../../../plugins/baileys/repairs/repeated-messages.ts';

const ana = '888@lid';
const group = '1203630@g.us';
const ciphertext = Buffer.from('a key that was used');

/** A repository that decrypts nothing any more, beside a store that has one message. */
const opened = (attrs: Record<string, string>, failure: Error = new Error('Key used already or never filled')) => {
  const key = { id: 'ABC', remoteJid: attrs['stored'] ?? ana, fromMe: false, participant: attrs['author'] };
  const message = proto.Message.fromObject({ conversation: 'hello' });
  const stored = storedMessage({ key, message, messageTimestamp: 1 } as never, false);
  const { stored: _, author: __, ...stanza } = attrs;
  const fail = async () => {
    throw failure;
  };
  const known = {
    stanzaOf: (of: Uint8Array) => (of === ciphertext ? { tag: 'message', attrs: stanza } : undefined),
    history: { find: async (id: string) => (id === 'ABC' ? stored : null) },
  };
  const make = knowingRepository(known, () => ({ decryptMessage: fail, decryptGroupMessage: fail }) as never);
  return make({} as never, {} as never, async () => undefined);
};
const read = async (reading: Promise<Uint8Array>): Promise<string | null | undefined> =>
  proto.Message.decode(unpadRandomMax16(await reading)).conversation;
const chat = { jid: ana, type: 'msg' as const, ciphertext };
const inGroup = { group, authorJid: ana, msg: ciphertext };

describe('a message that comes again, whose key was used up', () => {
  it('is what it was, in a chat and in a group', async () => {
    expect(await read(opened({ id: 'ABC', from: ana }).decryptMessage(chat))).toBe('hello');
    const ofGroup = opened({ id: 'ABC', from: group, participant: ana, stored: group, author: ana });
    expect(await read(ofGroup.decryptGroupMessage(inGroup))).toBe('hello');
  });

  it('is known by the other name of its author, too', async () => {
    const named = opened({ id: 'ABC', from: ana, sender_pn: '49152@s.whatsapp.net', stored: '49152@s.whatsapp.net' });
    expect(await read(named.decryptMessage(chat))).toBe('hello');
  });

  it('is asked for again when it is not remembered, or somebody else gave another one its id', async () => {
    for (const attrs of [
      { id: 'DEF', from: ana },
      { id: 'ABC', from: '999@lid' },
      { id: 'ABC', from: group, participant: '999@lid', stored: group, author: ana },
      { id: 'ABC', from: group, participant: ana },
    ]) {
      await expect(opened(attrs).decryptMessage(chat)).rejects.toThrow('Key used already');
    }
  });

  it('is nothing that a store which fails may decide', async () => {
    const failing = opened({ id: 'ABC', from: ana }, storageFailed('postgres', 'nobody there'));
    await expect(failing.decryptMessage(chat)).rejects.toThrow('nobody there');
  });

  it('is left to the engine while it can be decrypted', async () => {
    const bytes = encodeWAMessage(proto.Message.fromObject({ conversation: 'new' }));
    const make = knowingRepository(
      { stanzaOf: () => undefined, history: { find: () => Promise.reject(new Error('not asked')) } },
      () => ({ decryptMessage: async () => bytes, decryptGroupMessage: async () => bytes }) as never,
    );
    const repository = make({} as never, {} as never, async () => undefined);
    expect(await read(repository.decryptMessage(chat))).toBe('new');
  });
});
