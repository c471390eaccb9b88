import { BufferJSON, proto } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import type { SessionAuth } from '../../../../core/engine.ts';
import type { AuthState } from '../../../../plugins/baileys/credentials/auth-state.ts';
import { InboundJournal } from '../../../../plugins/baileys/inbound/inbound-journal.ts';
import { isOwnTalk, type JournalEntry, readEntry, rebuild } from '../../../../plugins/baileys/inbound/journal-entry.ts';
import { recordingLog } from '../../../support/log.ts';

const me = { id: '4915200000001:3@s.whatsapp.net', lid: '777:3@lid' };
const attrs = { id: '3EB0', from: '4915200000002@s.whatsapp.net', t: '1741249702', notify: 'Ana', type: 'text' };

/** Plaintext as it is inside a ciphertext: a message and its padding. */
const padded = (message: proto.IMessage): Uint8Array =>
  Buffer.concat([proto.Message.encode(message).finish(), Buffer.from([1])]);
const entry = (message: proto.IMessage, more: Partial<JournalEntry> = {}): JournalEntry => ({
  ...{ id: 'k1', attrs, plaintext: padded(message), at: 1, number: 1 },
  ...more,
});

describe('what former connections left', () => {
  it('comes in the order in which it was decrypted, wherever it is stored', async () => {
    const at = (time: number, number: number) => {
      const value = { ...entry({ conversation: `${time}.${number}` }), attrs: { ...attrs, id: `${time}.${number}` } };
      return Buffer.from(JSON.stringify({ ...value, at: time, number }, BufferJSON.replacer));
    };
    const stored = new Map([
      ['slot 1', at(20, 1)],
      ['slot 2', at(10, 2)],
      ['slot 3', at(10, 1)],
      ['slot 4', at(20, 2)],
    ]);
    const journal = new InboundJournal({
      state: { creds: { me } } as AuthState,
      store: { list: async () => stored } as unknown as SessionAuth,
      log: recordingLog(),
      now: () => 30,
    });
    const left = await journal.left();
    expect(left.map(({ message }) => message?.conversation)).toEqual(['10.1', '10.2', '20.1', '20.2']);
    expect(left.every(({ key }) => journal.keeps(key.id))).toBe(true);
  });
});

describe('a journal entry', () => {
  it('becomes the message that Baileys would have handed out', async () => {
    const raw = await rebuild([entry({ conversation: 'hello' })], me, undefined);
    expect(raw).toMatchObject({
      key: { id: '3EB0', remoteJid: '4915200000002@s.whatsapp.net', fromMe: false },
      message: { conversation: 'hello' },
      messageTimestamp: 1_741_249_702,
      pushName: 'Ana',
    });
  });

  it('of a stanza with two ciphertexts is one message, and its sender key is taken', async () => {
    const group = { ...attrs, from: '123-456@g.us', participant: attrs.from };
    const key = { groupId: '123-456@g.us', axolotlSenderKeyDistributionMessage: Buffer.from('key') };
    const taken: unknown[] = [];
    const repository = { processSenderKeyDistributionMessage: async (it: unknown) => void taken.push(it) };
    const entries = [
      entry({ senderKeyDistributionMessage: key }, { attrs: group }),
      entry({ conversation: 'hello all' }, { attrs: group, id: 'k2', number: 2 }),
    ];
    const raw = await rebuild(entries, me, repository as never);
    expect(raw).toMatchObject({ key: { remoteJid: '123-456@g.us' }, message: { conversation: 'hello all' } });
    expect(taken).toMatchObject([{ authorJid: attrs.from, item: { groupId: '123-456@g.us' } }]);
  });

  it('of a message that another device of ours sent is what it sent', async () => {
    const own = { ...attrs, from: '4915200000001@s.whatsapp.net', recipient: '4915200000002@s.whatsapp.net' };
    const deviceSentMessage = { destinationJid: own.recipient, message: { conversation: 'from my phone' } };
    const raw = await rebuild([entry({ deviceSentMessage }, { attrs: own })], me, undefined);
    expect(raw).toMatchObject({ key: { fromMe: true }, message: { conversation: 'from my phone' } });
  });

  it('is not made of what WhatsApp says to itself', () => {
    const own = { ...attrs, from: '4915200000001:0@s.whatsapp.net' };
    const protocolMessage = { type: proto.Message.ProtocolMessage.Type.APP_STATE_SYNC_KEY_SHARE };
    expect(isOwnTalk(entry({ protocolMessage }, { attrs: own }), me)).toBe(true);
    expect(isOwnTalk(entry({ conversation: 'x' }, { attrs: { ...own, category: 'peer' } }), me)).toBe(true);
    expect(isOwnTalk(entry({ conversation: 'x' }, { attrs: own }), me)).toBe(false);
    expect(isOwnTalk(entry({ protocolMessage }), me)).toBe(false);
  });

  it('that is damaged is none', () => {
    expect(readEntry('k', Buffer.from('no JSON'))).toBeNull();
    expect(readEntry('k', Buffer.from('{}'))).toBeNull();
  });
});
