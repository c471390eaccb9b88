import { describe, expect, it } from 'vitest';
import { checkedAssertion } from '../../../../plugins/baileys/linking/assertion.ts';
import { Passkey } from '../../../../plugins/sandbox/linking/passkey.ts';

const challenge = {
  ...{ challenge: Buffer.from('a challenge of 32 bytes, or so ..').toString('base64url'), timeout: 600_000 },
  ...{ rpId: 'whatsapp.com', allowCredentials: [], userVerification: 'required' },
};
const passkey = new Passkey('4915200000900');
const signed = passkey.assert(challenge);
const good = () => signed;

describe('the answer to a passkey challenge', () => {
  it('goes on as it came, without padding and in the alphabet of URLs', () => {
    expect(checkedAssertion(good(), challenge)).toEqual(good());
    const id = Buffer.from(good().id, 'base64url').toString('base64');
    expect(checkedAssertion({ ...good(), id, rawId: id }, challenge)).toEqual(good());
    const { userHandle: _, ...response } = good().response;
    expect(checkedAssertion({ ...good(), response }, challenge).response.userHandle).toBeNull();
  });

  it.each([
    ['an older challenge', passkey.assert({ challenge: 'AAAA' }), 'response.clientDataJSON: another challenge'],
    ['a foreign page', passkey.assert(challenge, { origin: 'https://whatsapp.com.example.org' }), 'was signed on'],
    ['a page without TLS', passkey.assert(challenge, { origin: 'http://web.whatsapp.com' }), 'was signed on'],
    [
      'a name that only ends like it',
      passkey.assert(challenge, { origin: 'https://evilwhatsapp.com' }),
      'was signed on',
    ],
    ['no address', passkey.assert(challenge, { origin: 'whatsapp' }), 'was signed on'],
    ['a registration', passkey.assert(challenge, { type: 'webauthn.create' }), "must be 'webauthn.get'"],
    ['another site', passkey.assert(challenge, { rpId: 'example.org' }), 'response.authenticatorData: the passkey'],
    ['an unlocked device', passkey.assert(challenge, { verified: false }), 'the owner was not verified'],
    ['another type', { ...good(), type: 'password' }, "type: must be 'public-key'"],
    ['two ids', { ...good(), id: 'AAAA' }, 'id: must be the same as rawId'],
    ['what is no base64', { ...good(), rawId: 'not base64!' }, 'rawId: must be base64url'],
    ['no JSON', { ...good(), response: { ...good().response, clientDataJSON: 'AAAA' } }, 'holds no JSON object'],
    ['short data', { ...good(), response: { ...good().response, authenticatorData: 'AAAA' } }, '37 bytes'],
    ['no signature', { ...good(), response: { ...good().response, signature: '' } }, 'response.signature: must be'],
  ])('is refused for %s, with the field', (_name, assertion, message) => {
    expect(() => checkedAssertion(assertion, challenge)).toThrow(message);
  });

  it('is refused for a passkey that WhatsApp does not ask for', () => {
    const allowCredentials = [{ id: 'AAAA', type: 'public-key' }];
    expect(() => checkedAssertion(good(), { ...challenge, allowCredentials })).toThrow(
      'rawId: is none of the passkeys',
    );
    const own = [...allowCredentials, { id: good().rawId, type: 'public-key' }];
    expect(checkedAssertion(good(), { ...challenge, allowCredentials: own })).toEqual(good());
  });
});
