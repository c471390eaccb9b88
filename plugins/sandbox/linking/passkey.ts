import { createECDH, createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

/** The web site that WhatsApp's passkeys belong to. */
export const RELYING_PARTY = 'whatsapp.com';
const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;

/** What a web page hands to `navigator.credentials.get`, as JSON (WebAuthn, `PublicKeyCredentialRequestOptionsJSON`). */
export interface RequestOptions {
  /** base64url without padding. */
  readonly challenge: string;
  readonly timeout: number;
  readonly rpId: string;
  readonly allowCredentials: readonly object[];
  readonly userVerification: string;
  readonly extensions: object;
}

/** What it gets back (WebAuthn, `AuthenticationResponseJSON`); bytes are base64url. */
export interface Assertion {
  readonly id: string;
  readonly rawId: string;
  readonly type: string;
  readonly response: {
    readonly clientDataJSON: string;
    readonly authenticatorData: string;
    readonly signature: string;
    readonly userHandle: string;
  };
}

/** What can be wrong with an assertion, for tests of those who check it. */
export interface AssertionFlaws {
  readonly origin?: string;
  readonly challenge?: string;
  readonly type?: string;
  readonly rpId?: string;
  /** Whether the owner of the passkey unlocked it; true by default. */
  readonly verified?: boolean;
}

const sha256 = (bytes: Uint8Array | string): Buffer => createHash('sha256').update(bytes).digest();

/** The passkey of an account, kept in software: what the owner's browser would reach. Its key follows from the number. */
export class Passkey {
  readonly credentialId: Buffer;
  readonly userHandle: Buffer;
  readonly #private: KeyObject;
  readonly #public: KeyObject;

  constructor(number: string) {
    const curve = createECDH('prime256v1');
    curve.setPrivateKey(sha256(`passkey of ${number}`));
    const point = curve.getPublicKey();
    const part = (bytes: Buffer): string => bytes.toString('base64url');
    const coordinates = { x: part(point.subarray(1, 33)), y: part(point.subarray(33)) };
    const jwk = { kty: 'EC', crv: 'P-256', ...coordinates };
    this.#private = createPrivateKey({ key: { ...jwk, d: part(curve.getPrivateKey()) }, format: 'jwk' });
    this.#public = createPublicKey({ key: jwk, format: 'jwk' });
    this.credentialId = sha256(`credential of ${number}`);
    this.userHandle = sha256(`user ${number}`).subarray(0, 16);
  }

  /** PKCS#8 in DER, for an authenticator that is to have this passkey. */
  get privateKey(): Buffer {
    return this.#private.export({ format: 'der', type: 'pkcs8' });
  }

  /** Signs a challenge, as the owner's browser does on web.whatsapp.com. */
  assert(options: Pick<RequestOptions, 'challenge'>, flaws: AssertionFlaws = {}): Assertion {
    const { origin = 'https://web.whatsapp.com', challenge = options.challenge, verified = true } = flaws;
    const type = flaws.type ?? 'webauthn.get';
    const clientData = Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
    const flags = Buffer.from([verified ? USER_PRESENT | USER_VERIFIED : USER_PRESENT]);
    const authenticatorData = Buffer.concat([sha256(flaws.rpId ?? RELYING_PARTY), flags, Buffer.alloc(4)]);
    const signature = sign('sha256', Buffer.concat([authenticatorData, sha256(clientData)]), this.#private);
    const id = this.credentialId.toString('base64url');
    return {
      id,
      rawId: id,
      type: 'public-key',
      response: {
        clientDataJSON: clientData.toString('base64url'),
        authenticatorData: authenticatorData.toString('base64url'),
        signature: signature.toString('base64url'),
        userHandle: this.userHandle.toString('base64url'),
      },
    };
  }

  /** Checks an assertion as WhatsApp's server does. Throws what is wrong with it. */
  check(credentialId: Uint8Array, { response }: Assertion, challenge: string): void {
    if (!this.credentialId.equals(credentialId)) throw new Error('the account has no such passkey');
    const clientData = Buffer.from(response.clientDataJSON, 'base64url');
    const { type, challenge: signed, origin } = JSON.parse(clientData.toString()) as Record<string, string>;
    if (type !== 'webauthn.get') throw new Error(`the assertion is of type '${type}'`);
    if (signed !== challenge) throw new Error('the assertion is for another challenge');
    const { hostname } = new URL(origin ?? '');
    if (hostname !== RELYING_PARTY && !hostname.endsWith(`.${RELYING_PARTY}`))
      throw new Error(`foreign origin ${origin}`);
    const data = Buffer.from(response.authenticatorData, 'base64url');
    if (!data.subarray(0, 32).equals(sha256(RELYING_PARTY))) throw new Error('the assertion is for another site');
    if (((data[32] ?? 0) & USER_VERIFIED) === 0) throw new Error('the owner was not verified');
    const signature = Buffer.from(response.signature, 'base64url');
    if (!verify('sha256', Buffer.concat([data, sha256(clientData)]), this.#public, signature)) {
      throw new Error('the signature of the assertion is not valid');
    }
  }
}
