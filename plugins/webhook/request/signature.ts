import { createHmac } from 'node:crypto';

/** WAHA's signature: hex HMAC-SHA512 of the exact bytes of the body, keyed with the text of the key. */
export const bodyHmac = (key: string, body: Uint8Array): string => createHmac('sha512', key).update(body).digest('hex');

/**
 * The secret of the Standard Webhooks signature: the bytes of the key's text (`new Webhook(key, { format: 'raw' })` in
 * the official library). A key that is written in that standard's own form, `whsec_<base64>`, stands for the bytes
 * that it encodes, so `new Webhook(key)` works with it.
 */
export const secretBytes = (key: string): Buffer => {
  const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(key)?.[1];
  return encoded === undefined ? Buffer.from(key, 'utf8') : Buffer.from(encoded, 'base64');
};

/** `v1,<base64>` of HMAC-SHA256 over `id.timestamp.body`, one for each key: while keys are rotated, both verify. */
export const standardSignature = (keys: readonly string[], id: string, seconds: number, body: Uint8Array): string =>
  keys
    .map((key) => {
      const hmac = createHmac('sha256', secretBytes(key)).update(`${id}.${seconds}.`).update(body);
      return `v1,${hmac.digest('base64')}`;
    })
    .join(' ');
