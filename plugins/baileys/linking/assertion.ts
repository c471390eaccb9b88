import { createHash } from 'node:crypto';
import { type PasskeyAssertionRequest, type PasskeyChallenge, unprocessable } from 'waha-runtime';

const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;
/** Hash of the site, flags, counter. */
const SHORTEST_DATA = 37;

const wrong = (field: string, what: string) => unprocessable(`${field}: ${what}`);

/**
 * The answer as it goes to WhatsApp. Rejects one that WhatsApp would refuse anyway, with the field that is wrong: whoever pasted
 * an old one can try again, while WhatsApp takes one answer for each challenge.
 */
export const checkedAssertion = (
  assertion: PasskeyAssertionRequest,
  challenge: PasskeyChallenge,
): PasskeyAssertionRequest => {
  const { response } = assertion;
  if (assertion.type !== 'public-key') throw wrong('type', "must be 'public-key'");
  const rawId = url64('rawId', assertion.rawId);
  if (url64('id', assertion.id) !== rawId) throw wrong('id', 'must be the same as rawId');
  checkAllowed(rawId, challenge);
  const clientDataJSON = url64('response.clientDataJSON', response.clientDataJSON);
  checkClientData(clientDataJSON, challenge);
  const authenticatorData = url64('response.authenticatorData', response.authenticatorData);
  checkAuthenticator(Buffer.from(authenticatorData, 'base64url'), challenge.rpId);
  const signature = url64('response.signature', response.signature);
  const { userHandle } = response;
  return {
    ...{ id: rawId, rawId, type: assertion.type },
    response: {
      ...{ clientDataJSON, authenticatorData, signature },
      userHandle: userHandle ? url64('response.userHandle', userHandle) : null,
    },
  };
};

/** base64url without padding, from that or from plain base64. */
const url64 = (field: string, text: string): string => {
  if (!/^[\w\-+/]+={0,2}$/.test(text)) throw wrong(field, 'must be base64url');
  return Buffer.from(text, 'base64url').toString('base64url');
};

const checkAllowed = (rawId: string, { allowCredentials }: PasskeyChallenge): void => {
  if (allowCredentials.length === 0) return;
  const isAllowed = allowCredentials.some(({ id }) => Buffer.from(id, 'base64url').toString('base64url') === rawId);
  if (!isAllowed) throw wrong('rawId', 'is none of the passkeys that WhatsApp asks for');
};

const checkClientData = (clientDataJSON: string, { challenge, rpId }: PasskeyChallenge): void => {
  const field = 'response.clientDataJSON';
  const { type, challenge: signed, origin } = clientData(field, clientDataJSON);
  if (type !== 'webauthn.get') throw wrong(field, `its type must be 'webauthn.get', not '${type}'`);
  const plain = (text: string) => Buffer.from(text, 'base64url').toString('base64url');
  if (typeof signed !== 'string' || plain(signed) !== plain(challenge)) {
    throw wrong(field, 'another challenge was signed: sign the one that is asked now');
  }
  if (!isUnder(rpId, origin)) throw wrong(field, `it was signed on '${origin}', not on a page of ${rpId}`);
};

const clientData = (field: string, text: string): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw wrong(field, 'holds no JSON object');
};

const isUnder = (site: string, origin: unknown): boolean => {
  if (typeof origin !== 'string' || !URL.canParse(origin)) return false;
  const { protocol, hostname } = new URL(origin);
  return protocol === 'https:' && (hostname === site || hostname.endsWith(`.${site}`));
};

const checkAuthenticator = (data: Buffer, rpId: string): void => {
  const field = 'response.authenticatorData';
  if (data.length < SHORTEST_DATA) throw wrong(field, `must have ${SHORTEST_DATA} bytes at least`);
  const site = createHash('sha256').update(rpId).digest();
  if (!data.subarray(0, 32).equals(site)) throw wrong(field, `the passkey belongs to another site than ${rpId}`);
  const flags = data[32] ?? 0;
  if ((flags & USER_PRESENT) === 0) throw wrong(field, 'nobody was present');
  if ((flags & USER_VERIFIED) === 0) throw wrong(field, 'the owner was not verified by screen lock or biometrics');
};
