import { createHmac, timingSafeEqual } from 'node:crypto';
import { Webhook } from 'standardwebhooks';

/**
 * Checks whatever signatures a request carries; throws an Error that says what is wrong.
 *
 * - `webhook-signature` (Standard Webhooks) covers id, time and body, so an old request cannot be sent again.
 * - `X-Webhook-Hmac` is WAHA's: it covers the body alone. WAHA itself sends only this one.
 *
 * @param {string} key the same as `hmac.key` in the webhook's config
 * @param {import('node:http').IncomingHttpHeaders} headers
 * @param {Buffer} body the bytes as they arrived: parsing and serialising again would change them
 */
export const verify = (key, headers, body) => {
  const standard = headers['webhook-signature'];
  const waha = headers['x-webhook-hmac'];
  if (standard === undefined && waha === undefined) throw new Error('the request is not signed');
  if (standard !== undefined) verifier(key).verify(body, headers, { jsonParse: false });
  if (waha !== undefined) verifyHmac(key, headers, body);
};

/** The library takes `whsec_…` keys as they are and others as raw bytes. */
const verifier = (key) =>
  key.startsWith('whsec_') ? new Webhook(key) : new Webhook(Buffer.from(key), { format: 'raw' });

const verifyHmac = (key, headers, body) => {
  if (headers['x-webhook-hmac-algorithm'] !== 'sha512') throw new Error('X-Webhook-Hmac-Algorithm is not sha512');
  const expected = createHmac('sha512', key).update(body).digest();
  const given = Buffer.from(String(headers['x-webhook-hmac']), 'hex');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw new Error('X-Webhook-Hmac is wrong');
};
