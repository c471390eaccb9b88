import { createDecipheriv, createHmac } from 'node:crypto';

const noSalt = Buffer.alloc(32);

/** HMAC-SHA256 of these parts, one after the other. */
export const hmac = (key: Uint8Array, ...parts: readonly Uint8Array[]): Buffer => {
  const made = createHmac('sha256', key);
  for (const part of parts) made.update(part);
  return made.digest();
};

/** What Signal derives from the key of one message for this purpose (HKDF): three times 32 bytes. */
export const secretsOf = (key: Uint8Array, purpose: string): readonly [Buffer, Buffer, Buffer] => {
  const info = Buffer.from(purpose);
  const pseudo = hmac(noSalt, key);
  const first = hmac(pseudo, info, Buffer.from([1]));
  const second = hmac(pseudo, first, info, Buffer.from([2]));
  return [first, second, hmac(pseudo, second, info, Buffer.from([3]))];
};

/** Null when it does not end as it must. */
export const deciphered = (key: Buffer, iv: Buffer, ciphertext: Uint8Array): Buffer | null => {
  try {
    const decipher = createDecipheriv('aes-256-cbc', key, iv);
    return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
  } catch {
    return null;
  }
};
