import { BufferJSON, initAuthCreds, proto } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import { encodeCredentials, keyChanges } from '../../../../plugins/baileys/credentials/credential-codec.ts';

const expected = (value: unknown): string => JSON.stringify(value, BufferJSON.replacer);
const stored = (type: string, value: unknown): string => {
  const [change] = keyChanges({ [type]: { id: value } } as never);
  return Buffer.from(change?.value ?? []).toString();
};

describe('keys are written as BufferJSON would write them', () => {
  const chain = { chainKey: { counter: 3, key: 'a2V5' }, chainType: 1, messageKeys: { '7': 'c2VlZA==' } };
  it.each<[string, unknown]>([
    [
      'a session, which holds no bytes',
      { version: 'v1', _sessions: { abc: { registrationId: 1, _chains: { c: chain } } } },
    ],
    ['a pre-key of buffers', { public: Buffer.alloc(32, 7), private: Buffer.alloc(32, 8) }],
    ['a pre-key of plain bytes', { public: new Uint8Array(32).fill(7), private: new Uint8Array([1, 2]) }],
    ['a sender key, bytes by themselves', Buffer.from('[{"senderKeyId":1}]')],
    ['bytes that share their memory with others', Buffer.from('xx-middle-yy').subarray(3, 9)],
    ['a list of devices', ['0', '1', '99']],
    ['bytes in a list', [Buffer.from('a'), { deep: [new Uint8Array([255])] }]],
    ['bytes in a JSON form of theirs', { a: { type: 'Buffer', data: [1, 2, 3] }, b: { type: 'Buffer', data: 'AQID' } }],
    ['a protobuf message', proto.Message.AppStateSyncKeyData.fromObject({ keyData: Buffer.from([9]), timestamp: 5 })],
    ['a date, and what JSON leaves out', { at: new Date(5), nothing: undefined, not: null, yes: true }],
    ['text', 'plain'],
  ])('%s', (_name, value) => {
    expect(stored('session', value)).toBe(expected(value));
  });

  it('and so are credentials', () => {
    const creds = initAuthCreds();
    creds.account = proto.ADVSignedDeviceIdentity.fromObject({ details: Buffer.from([1, 2, 3]) });
    expect(Buffer.from(encodeCredentials(creds)).toString()).toBe(expected(creds));
  });
});
