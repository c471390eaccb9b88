import { BufferJSON, initAuthCreds, proto } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import { encodeCredentials, keyChanges } from '../../../../plugins/baileys/credentials/credential-codec.ts';

const expected = (value: unknown): string => JSON.stringify(value, BufferJSON.replacer);
const stored = (type: string, value: unknown): string => {
  const [change] = keyChanges({ [type]: { id: value } } as never);
  return Buffer.from(change?.value ?? []).toString();
};

/** The same numbers each time, below a bound. */
const numbers = (seed: number) => (below: number) => {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
  return Math.floor((seed / 2 ** 32) * below);
};

const names = ['a', 'type', 'data', '7', '12', 'b c', '__proto__', 'toJSON', 'key', 'ü'];

const anything = (random: (below: number) => number, depth: number): unknown => {
  const inner = () => anything(random, depth - 1);
  const bytes = Array.from({ length: random(40) }, () => random(256));
  const leaves = [1.5, -0, Number.NaN, 'text', '✓ "quoted"', '', true, null, undefined, new Date(random(1e9)), []];
  const kind = random(depth > 0 ? 8 : 4);
  if (kind === 0) return Buffer.from(bytes);
  if (kind === 1) return new Uint8Array([9, ...bytes]).subarray(1);
  if (kind < 4) return leaves[random(leaves.length)];
  if (kind === 4) return Array.from({ length: random(4) }, inner);
  if (kind === 5) return { type: 'Buffer', data: random(2) ? bytes : Buffer.from([9, ...bytes]).toString('base64') };
  return Object.fromEntries(Array.from({ length: random(6) }, () => [names[random(names.length)], inner()]));
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
    [
      'an entry of the journal, whose stanza has a type',
      { attrs: { from: '7@lid', type: 'text' }, plaintext: Buffer.from([1, 2, 3]), at: 5, number: 1 },
    ],
    [
      'bytes below something with a type',
      { type: 'pair', toJSON: 'not a function', deep: [{ key: Buffer.from('k') }] },
    ],
    ['a property that is named like the prototype', JSON.parse('{"__proto__":{"a":1},"b":2}')],
  ])('%s', (_name, value) => {
    expect(stored('session', value)).toBe(expected(value));
  });

  it('and so are credentials', () => {
    const creds = initAuthCreds();
    creds.account = proto.ADVSignedDeviceIdentity.fromObject({ details: Buffer.from([1, 2, 3]) });
    expect(Buffer.from(encodeCredentials(creds)).toString()).toBe(expected(creds));
  });

  it('whatever they are made of, and they stay as they were', () => {
    const random = numbers(11);
    for (let time = 0; time < 500; time++) {
      const value = { any: anything(random, 4) };
      const before = expected(value);
      expect(stored('session', value)).toBe(before);
      expect(expected(value)).toBe(before);
    }
  });
});
