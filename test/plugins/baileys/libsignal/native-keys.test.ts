import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { installNativeKeys, type KeyAgreement } from '../../../../plugins/baileys/libsignal/native-keys.ts';

/** libsignal's module as it is, a new copy each time: what is installed elsewhere is not in it. */
const plainLibsignal = (): KeyAgreement => {
  const load = createRequire(import.meta.url);
  const path = load.resolve('libsignal/src/curve.js');
  const shared = load.cache[path];
  delete load.cache[path];
  try {
    return load(path) as KeyAgreement;
  } finally {
    if (shared) load.cache[path] = shared;
    else delete load.cache[path];
  }
};

const plain = plainLibsignal();
const native = plainLibsignal();
const curve = {} as Parameters<typeof installNativeKeys>[1] & object;
installNativeKeys(native, curve);

const typed = (key: Uint8Array): Buffer => Buffer.concat([Buffer.from([5]), key]);
/** What comes of it: the secret, or the sentence. */
const outcome = (side: KeyAgreement, pubKey: unknown, privKey: unknown): string => {
  try {
    return side.calculateAgreement(pubKey as Buffer, privKey as Buffer).toString('hex');
  } catch (error) {
    return String(error);
  }
};

describe('keys by JSON Web Keys', () => {
  it('agree with those of libsignal on the same secrets, whoever made them', () => {
    for (let turn = 0; turn < 50; turn++) {
      const [one, other] = [native.generateKeyPair(), plain.generateKeyPair()];
      expect([one.pubKey.length, one.pubKey[0], one.privKey.length]).toEqual([33, 5, 32]);
      const secret = plain.calculateAgreement(other.pubKey, one.privKey);
      expect(native.calculateAgreement(other.pubKey, one.privKey).equals(secret)).toBe(true);
      expect(native.calculateAgreement(one.pubKey, other.privKey).equals(secret)).toBe(true);
      const mine = curve.generateKeyPair();
      const withMine = plain.calculateAgreement(typed(mine.public), other.privKey);
      expect(Buffer.from(curve.sharedKey(mine.private, other.pubKey.subarray(1))).equals(withMine)).toBe(true);
      expect(Buffer.from(curve.sharedKey(mine.private, other.pubKey)).equals(withMine)).toBe(true);
    }
  });

  it('are never the same twice', () => {
    const made = Array.from({ length: 100 }, () => native.generateKeyPair().privKey.toString('hex'));
    expect(new Set(made).size).toBe(100);
  });

  it('come to what libsignal comes to with any 32 bytes, edges of the curve among them', () => {
    const edges = [Buffer.alloc(32), Buffer.alloc(32, 0xff), Buffer.from(`${'00'.repeat(31)}80`, 'hex')];
    const one = Buffer.from(`01${'00'.repeat(31)}`, 'hex');
    const points = [...edges, one, ...Array.from({ length: 20 }, () => randomBytes(32))];
    const outcomes = points.flatMap((point) =>
      points.map((scalar) => [outcome(native, typed(point), scalar), point, scalar]),
    );
    expect(outcomes.length).toBe(points.length ** 2);
    for (const [found, point, scalar] of outcomes) expect(found).toBe(outcome(plain, typed(point as Buffer), scalar));
  });

  it.each<[string, unknown, unknown]>([
    ['a short public key', randomBytes(31), randomBytes(32)],
    ['another type of key', Buffer.concat([Buffer.from([4]), randomBytes(32)]), randomBytes(32)],
    ['a public key that is no buffer', new Uint8Array(33).fill(5), randomBytes(32)],
    ['a long private key', typed(randomBytes(32)), randomBytes(33)],
    ['a private key that is no buffer', typed(randomBytes(32)), new Uint8Array(32)],
    ['no private key', typed(randomBytes(32)), undefined],
  ])('are refused as libsignal refuses them: %s', (_, pubKey, privKey) => {
    const refusal = outcome(plain, pubKey, privKey);
    expect(refusal).toMatch(/Error/);
    expect(outcome(native, pubKey, privKey)).toBe(refusal);
  });

  it('are installed once', () => {
    const { generateKeyPair } = native;
    installNativeKeys(native, curve);
    expect(native.generateKeyPair).toBe(generateKeyPair);
  });
});
