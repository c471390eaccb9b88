import { Curve } from '@whiskeysockets/baileys';
import * as libsignal from 'libsignal/src/curve.js';
import { installNativeSignatures } from '../../../plugins/baileys/libsignal/native-signatures.ts';
import { serve } from './serve.ts';

/** Signatures of some senders over messages as long as a short text in a group. */
const signed = Array.from({ length: 20 }, (_, index) => {
  const { public: publicKey, private: privateKey } = Curve.generateKeyPair();
  const message = Buffer.alloc(120, index);
  return {
    key: Buffer.concat([Buffer.from([5]), publicKey]),
    message,
    signature: Buffer.from(Curve.sign(privateKey, message)),
  };
});

serve({
  install: () => installNativeSignatures(),
  /** Verifies so many, and answers how many a second. */
  verify: ({ count }: { count: number }) => {
    const began = performance.now();
    for (let index = 0; index < count; index++) {
      const { key, message, signature } = signed[index % signed.length]!;
      if (!libsignal.verifySignature(key, message, signature)) throw new Error('a valid signature is refused');
    }
    return { perSecond: count / ((performance.now() - began) / 1000) };
  },
});
