import { named, type Static, Type } from 'waha-runtime';

const child = Type.Enum(['companion_reg_refresh', 'pair-device-rotate-qr'], {
  type: 'string',
  default: 'companion_reg_refresh',
  description: 'Which of the two children the notification has.',
});

export const LinkingBody = named(
  'SandboxLinking',
  Type.Object(
    {
      refresh: Type.Optional(
        Type.Object(
          {
            child,
            times: Type.Integer({ minimum: 0, default: 1, description: 'How many scans retire the secret.' }),
            ref: Type.Optional(
              Type.Integer({ minimum: 1, description: 'Only scans of the code with this reference, counted from 1.' }),
            ),
          },
          { description: 'A scan retires the secret of the QR code; the code has to be scanned once more.' },
        ),
      ),
      passkey: Type.Optional(
        Type.Object(
          {
            options: Type.Enum(['inside', 'asked'], { type: 'string', default: 'inside' }),
            withhold: Type.Optional(Type.Enum(['continuation', 'pair-success'], { type: 'string' })),
            refuse: Type.Optional(
              Type.Object({
                step: Type.Enum(['options', 'ref', 'prologue', 'nonce', 'pairing'], { type: 'string' }),
                code: Type.Integer({ minimum: 400, maximum: 599, default: 500 }),
              }),
            ),
            malformed: Type.Optional(Type.Boolean({ description: 'The continuation has keys of a wrong length.' })),
            alwaysAsks: Type.Optional(Type.Boolean({ description: 'The phone asks for the code despite a proof.' })),
          },
          { description: 'The account links by passkey.' },
        ),
      ),
      silent: Type.Optional(Type.Boolean({ description: 'The phone says nothing after a typed code.' })),
    },
    { description: 'How linking goes; what is left out goes the straight way.' },
  ),
);

export const PasskeyView = named(
  'SandboxPasskey',
  Type.Object({
    state: Type.Enum(['none', 'assertion', 'nonce', 'pairing', 'confirmation', 'signature', 'linked', 'failed'], {
      description: 'What the phone and the server wait for, or how it ended.',
    }),
    code: Type.Union([Type.String(), Type.Null()], { description: 'What the phone shows.' }),
    proved: Type.Boolean({ description: 'The client has proved that it knows the scanned secret.' }),
    problem: Type.Union([Type.String(), Type.Null()], { description: 'Why the last request was refused.' }),
  }),
);

export const AssertionBody = named(
  'SandboxAssertionBody',
  Type.Object({
    challenge: Type.String({ minLength: 1, description: 'base64url, as the client was given it.' }),
    flaws: Type.Optional(
      Type.Object(
        {
          origin: Type.Optional(Type.String()),
          challenge: Type.Optional(Type.String()),
          type: Type.Optional(Type.String()),
          rpId: Type.Optional(Type.String()),
          verified: Type.Optional(Type.Boolean()),
        },
        { description: 'What is to be wrong with it.' },
      ),
    ),
  }),
);

export const AssertionView = named(
  'SandboxAssertion',
  Type.Object(
    {
      id: Type.String(),
      rawId: Type.String(),
      type: Type.String(),
      response: Type.Object({
        clientDataJSON: Type.String(),
        authenticatorData: Type.String(),
        signature: Type.String(),
        userHandle: Type.String(),
      }),
    },
    { description: 'What `credential.toJSON()` gives in a browser.' },
  ),
);

export const ConfirmCodeBody = named('SandboxPasskeyConfirm', Type.Object({ code: Type.String() }));
export const RefreshCodeBody = named('SandboxRefreshCode', Type.Object({ force: Type.Boolean({ default: false }) }));
export const RefreshQrBody = named(
  'SandboxRefreshQr',
  Type.Object({ qr: Type.String({ description: 'The code whose client is told.' }), child }),
);

export const RegistrationView = named(
  'SandboxRegistration',
  Type.Object({
    noiseKey: Type.String({ description: 'The second field of its QR codes.' }),
    os: Type.String(),
    platformType: Type.String(),
    version: Type.String(),
    refs: Type.Array(Type.String()),
    notices: Type.Array(Type.Object({ type: Type.String(), confirmed: Type.Boolean() }), {
      description: 'Notifications to it, and whether it has acknowledged them.',
    }),
  }),
);

export type LinkingBody = Static<typeof LinkingBody>;
export type PasskeyView = Static<typeof PasskeyView>;
export type AssertionBody = Static<typeof AssertionBody>;
export type AssertionView = Static<typeof AssertionView>;
export type RefreshQrBody = Static<typeof RefreshQrBody>;
export type RegistrationView = Static<typeof RegistrationView>;
