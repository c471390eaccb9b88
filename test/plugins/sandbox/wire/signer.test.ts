import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isSignedBy, keyPairOf } from '../../../../plugins/sandbox/wire/keys.ts';
import { Signer } from '../../../../plugins/sandbox/wire/signer.ts';

describe('a signer of the sandbox', () => {
  it('signs so that libsignal as it is verifies it, with keys of either sign', () => {
    const signs = new Set<number>();
    for (let round = 0; round < 8; round++) {
      const pair = keyPairOf(`signer ${round}`);
      const signer = new Signer(pair.private);
      for (const message of [randomBytes(1), randomBytes(300)]) {
        const signature = signer.sign(message);
        signs.add((signature[63] ?? 0) & 0x80);
        expect(isSignedBy(pair.public, message, signature)).toBe(true);
      }
    }
    expect([...signs].sort()).toEqual([0, 0x80]);
  });

  it('signs that message and no other, each time differently', () => {
    const pair = keyPairOf('signer');
    const signer = new Signer(pair.private);
    const message = Buffer.from('message');
    const [one, two] = [signer.sign(message), signer.sign(message)];
    expect(one.equals(two)).toBe(false);
    expect(isSignedBy(pair.public, Buffer.from('massage'), one)).toBe(false);
    expect(isSignedBy(keyPairOf('other').public, message, one)).toBe(false);
  });
});
