import { randomBytes } from 'node:crypto';
import { Curve } from '@whiskeysockets/baileys';
import fc from 'fast-check';
import * as libsignal from 'libsignal/src/curve.js';
import { describe, expect, it } from 'vitest';
import {
  type CurveLibrary,
  installNativeSignatures,
  libraryOfBaileys,
  NativeSignatures,
} from '../../../../plugins/baileys/libsignal/native-signatures.ts';
import { propertyRuns } from '../../../support/property-runs.ts';

const { sign: pureSign, verify: pure } = libraryOfBaileys() as CurveLibrary;
const native = new NativeSignatures();
const order = 2n ** 252n + 27742317777372353535851937790883648493n;

const signer = () => {
  const { public: publicKey, private: privateKey } = Curve.generateKeyPair();
  return { key: Buffer.from(publicKey), sign: (message: Uint8Array) => Curve.sign(privateKey, message) };
};

/** Both verdicts; they must be the same whatever goes in. */
const verdicts = (key: Uint8Array, message: Uint8Array, signature: Uint8Array): [boolean, boolean] => [
  pure(new Uint8Array(key), new Uint8Array(message), new Uint8Array(signature)),
  native.verify(key, message, signature),
];

describe('native verification of XEdDSA signatures', () => {
  it('accepts what libsignal accepts', () => {
    for (let turn = 0; turn < 12; turn++) {
      const { key, sign } = signer();
      const message = randomBytes(turn * 37);
      expect(verdicts(key, message, sign(message))).toEqual([true, true]);
    }
  });

  it('refuses one changed bit anywhere: in the message, the signature, its sign bit, the key', () => {
    const { key, sign } = signer();
    const message = randomBytes(100);
    const signature = Buffer.from(sign(message));
    const flipped = (bytes: Uint8Array, bit: number): Buffer => {
      const copy = Buffer.from(bytes);
      copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      return copy;
    };
    for (const bit of [0, 255, 256, 300, 504, 508, 510, 511]) {
      expect(verdicts(key, message, flipped(signature, bit)), `signature bit ${bit}`).toEqual([false, false]);
    }
    expect(verdicts(key, flipped(message, 17), signature)).toEqual([false, false]);
    expect(verdicts(flipped(key, 33), message, signature)).toEqual([false, false]);
    // The key's own top bit means nothing on Curve25519: both ignore it.
    expect(verdicts(flipped(key, 255), message, signature)).toEqual([true, true]);
  });

  it('refuses the signature of somebody else', () => {
    const [one, other] = [signer(), signer()];
    const message = Buffer.from('hello');
    expect(verdicts(one.key, message, other.sign(message))).toEqual([false, false]);
    // And goes on telling them apart once both keys are known.
    expect(verdicts(one.key, message, one.sign(message))).toEqual([true, true]);
    expect(verdicts(other.key, message, other.sign(message))).toEqual([true, true]);
  });

  it('gives the same verdict for a scalar beyond the order of the group', () => {
    const { key, sign } = signer();
    const message = Buffer.from('malleable');
    const signature = Buffer.from(sign(message));
    const scalar = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`);
    const signBit = scalar & (1n << 255n);
    const raised = (scalar ^ signBit) + order;
    signature.set(Buffer.from((raised | signBit).toString(16).padStart(64, '0'), 'hex').reverse(), 32);
    expect(verdicts(key, message, signature)).toEqual([true, true]);
  });

  it('gives the same verdict for keys at the edges of the curve', () => {
    const { sign } = signer();
    const message = Buffer.from('edge');
    const minusOne = Buffer.concat([Buffer.from([0xec]), Buffer.alloc(30, 0xff), Buffer.from([0x7f])]);
    const edges = [Buffer.alloc(32), Buffer.alloc(32, 0xff), minusOne, Buffer.from([1, ...Buffer.alloc(31)])];
    for (const key of edges) {
      for (const signature of [Buffer.from(sign(message)), Buffer.alloc(64), Buffer.alloc(64, 0xff)]) {
        const [theirs, ours] = verdicts(key, message, signature);
        expect(ours, `${key.toString('hex')} ${signature.toString('hex')}`).toBe(theirs);
      }
    }
  });

  it('gives the same verdict for whatever bytes come', () => {
    const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
    fc.assert(
      fc.property(bytes(32), fc.uint8Array({ maxLength: 64 }), bytes(64), (key, message, signature) => {
        const [theirs, ours] = verdicts(key, message, signature);
        expect(ours).toBe(theirs);
      }),
      propertyRuns(40),
    );
  });

  it('is found by libsignal, whose own checks stay', () => {
    const library = libraryOfBaileys() as CurveLibrary;
    const before = library.verify;
    installNativeSignatures();
    expect(library.verify).not.toBe(before);
    const after = library.verify;
    installNativeSignatures();
    expect(library.verify).toBe(after);
    const { key, sign } = signer();
    const message = Buffer.from('through libsignal');
    const typed = Buffer.concat([Buffer.from([5]), key]);
    expect(libsignal.verifySignature(typed, message, Buffer.from(sign(message)))).toBe(true);
    expect(libsignal.verifySignature(typed, Buffer.from('else'), Buffer.from(sign(message)))).toBe(false);
    expect(() => libsignal.verifySignature(typed, message, Buffer.alloc(63))).toThrow('Invalid signature');
  });

  it('takes another library, too', () => {
    const library: CurveLibrary = { verify: () => false, sign: (_key, _message, random) => random ?? Buffer.alloc(64) };
    installNativeSignatures(library);
    const { key, sign } = signer();
    expect(library.verify(key, Buffer.from('x'), sign(Buffer.from('x')))).toBe(true);
  });
});

describe('signing', () => {
  /** As libsignal signs once the faster way is installed. */
  const signing = (): CurveLibrary => {
    const library = { sign: pureSign, verify: pure };
    installNativeSignatures(library);
    return library;
  };

  it('gives signatures that hold, for keys of every kind and messages of every length', () => {
    const { sign } = signing();
    for (let turn = 0; turn < 2000; turn++) {
      const { public: key, private: privateKey } = Curve.generateKeyPair();
      const message = randomBytes(turn % 300);
      const signature = sign(privateKey, message);
      expect(native.verify(key, message, signature)).toBe(true);
      if (turn % 100 === 0) expect(verdicts(Buffer.from(key), message, signature)).toEqual([true, true]);
    }
  });

  it('gives signatures for keys whose bits are not as Curve25519 wants them', () => {
    const { sign } = signing();
    for (const fill of [0x00, 0x01, 0x07, 0x80, 0xff]) {
      const privateKey = Buffer.alloc(32, fill);
      const agreed = Buffer.from(Curve.sharedKey(privateKey, Buffer.from([9, ...Buffer.alloc(31)])));
      const signature = sign(privateKey, Buffer.from('x'));
      expect(verdicts(agreed, Buffer.from('x'), signature)).toEqual([true, true]);
    }
  });

  it('leaves what libsignal never asks for to the library', () => {
    const { private: privateKey, public: key } = Curve.generateKeyPair();
    const random = randomBytes(64);
    const message = Buffer.from('x');
    const [one, other] = [
      signing().sign(privateKey, message, random),
      pureSign(new Uint8Array(privateKey), new Uint8Array(message), new Uint8Array(random)),
    ];
    expect(Buffer.from(one)).toEqual(Buffer.from(other));
    expect(native.verify(key, message, one)).toBe(true);
  });
});
