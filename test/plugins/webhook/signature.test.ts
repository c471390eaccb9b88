import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { bodyHmac, secretBytes, standardSignature } from '../../../plugins/webhook/request/signature.ts';

const body = Buffer.from('{"event":"message","session":"default","engine":"WEBJS"}');

it("signs WAHA's worked example as WAHA does", () => {
  expect(bodyHmac('my-secret-key', body)).toBe(
    '208f8a55dde9e05519e898b10b89bf0d0b3b0fdf11fdbf09b6b90476301b98d8097c462b2b17a6ce93b6b47a136cf2e78a33a63f6752c2c1631777076153fa89',
  );
});

describe('the Standard Webhooks signature', () => {
  const now = Math.floor(Date.now() / 1000);
  const headersOf = (keys: string[]) => ({
    'webhook-id': 'evt_1',
    'webhook-timestamp': String(now),
    'webhook-signature': standardSignature(keys, 'evt_1', now, body),
  });

  it('passes the official verifier with the bytes of the key', () => {
    const verifier = new Webhook('my-secret-key', { format: 'raw' });
    expect(verifier.verify(body, headersOf(['my-secret-key']))).toMatchObject({ event: 'message' });
  });

  it('passes it with a key that is more than ASCII', () => {
    const verifier = new Webhook(Buffer.from('schlüssel-🔑', 'utf8'), { format: 'raw' });
    expect(verifier.verify(body, headersOf(['schlüssel-🔑']))).toMatchObject({ event: 'message' });
  });

  it("passes it with a key in the standard's own form, as it is", () => {
    const key = `whsec_${Buffer.from('0123456789abcdef01234567').toString('base64')}`;
    expect(new Webhook(key).verify(body, headersOf([key]))).toMatchObject({ event: 'message' });
  });

  it('passes it with the old key and with the new one while keys are rotated', () => {
    const headers = headersOf(['new', 'old']);
    for (const key of ['new', 'old']) {
      expect(new Webhook(key, { format: 'raw' }).verify(body, headers)).toMatchObject({ event: 'message' });
    }
  });

  it('fails it when the body, the id or the time is another', () => {
    const verifier = new Webhook('key', { format: 'raw' });
    const headers = headersOf(['key']);
    expect(() => verifier.verify(`${body} `, headers)).toThrow();
    expect(() => verifier.verify(body, { ...headers, 'webhook-id': 'evt_2' })).toThrow();
    expect(() => verifier.verify(body, { ...headers, 'webhook-timestamp': String(now + 1) })).toThrow();
  });

  it('takes a key as text when what follows whsec_ is no base64', () => {
    expect(secretBytes('whsec_!').toString()).toBe('whsec_!');
  });
});
