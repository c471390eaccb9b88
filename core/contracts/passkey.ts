import { named, type Static, Type } from './schema.ts';

const PasskeyAllowedCredential = named(
  'PasskeyAllowedCredential',
  Type.Object({ id: Type.String(), type: Type.String(), transports: Type.Optional(Type.Array(Type.String())) }),
);

/** What a page hands to `navigator.credentials.get`, as JSON: WebAuthn's request options. Bytes are base64url. */
export const PasskeyChallenge = named(
  'PasskeyChallenge',
  Type.Object({
    challenge: Type.String(),
    timeout: Type.Number(),
    rpId: Type.String(),
    allowCredentials: Type.Array(PasskeyAllowedCredential),
    userVerification: Type.String(),
    extensions: Type.Optional(Type.Unknown()),
  }),
);
export type PasskeyChallenge = Static<typeof PasskeyChallenge>;

const bytes = Type.String({ minLength: 1, maxLength: 65_536, description: 'base64url' });

/** What it gets back: `credential.toJSON()`. Bytes are base64url. */
export const PasskeyAssertionRequest = named(
  'PasskeyAssertionRequest',
  Type.Object({
    id: bytes,
    rawId: bytes,
    type: Type.String(),
    response: named(
      'PasskeyAssertionResponseData',
      Type.Object({
        clientDataJSON: bytes,
        authenticatorData: bytes,
        signature: bytes,
        userHandle: Type.Optional(Type.Union([Type.String({ maxLength: 65_536 }), Type.Null()])),
      }),
    ),
  }),
);
export type PasskeyAssertionRequest = Static<typeof PasskeyAssertionRequest>;

/** A linking that WhatsApp has interrupted to ask for the account's passkey. */
export interface PasskeyCeremony {
  /** For the user's browser. */
  readonly challenge: PasskeyChallenge;
  /**
   * Hands the answer to WhatsApp. Rejects with `UNPROCESSABLE` for one that cannot be right, which spends nothing, and with
   * `WHATSAPP_REFUSED` or `UNAVAILABLE` when the ceremony is over.
   */
  answer(assertion: PasskeyAssertionRequest): Promise<void>;
  /** The user has found the same code on the phone. Safe to repeat. */
  confirm(): Promise<void>;
}

/** What the user of a session does while it links by passkey. Each throws or rejects with `SESSION_STATUS` when it is not the time for it. */
export interface Passkey {
  challenge(): PasskeyChallenge;
  /** See {@link PasskeyCeremony}; the challenge can be answered once. */
  answer(assertion: PasskeyAssertionRequest): Promise<void>;
  /** To compare with the phone's. */
  code(): string;
  confirm(): Promise<void>;
}
