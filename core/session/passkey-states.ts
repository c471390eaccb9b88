/** A ceremony that is over; a fresh QR code follows, and the reason stays. */
const gaveUp = (note: string) =>
  ({
    target: '#session.alive.closing',
    actions: [
      { type: 'setReason', params: { reason: 'passkey_timeout', note } },
      { type: 'closeTo', params: { afterClose: 'reopen' } },
      { type: 'report', params: { status: 'STARTING' } },
    ],
  }) as const;

/** WhatsApp refused, or the phone sent what cannot be read; that may happen before there is a challenge. */
export const ceremonyEnded = {
  target: '#session.alive.closing',
  actions: [
    'setCeremonyReason',
    { type: 'closeTo', params: { afterClose: 'reopen' } },
    { type: 'report', params: { status: 'STARTING' } },
  ],
} as const;

const nobodyAnswered = 'nobody signed the challenge in time: link again';
const phoneIsSilent = 'WhatsApp did not go on: keep it open on the phone, and link again';
const nobodyConfirmed = 'nobody confirmed the code in time: link again';

/**
 * WhatsApp asks for the account's passkey (docs/protocol.md, "Passkeys"). The QR budget stands still meanwhile; each state has
 * a deadline of its own.
 */
export const passkey = {
  entry: 'pauseBudget',
  exit: ['resumeBudget', 'endCeremony'],
  initial: 'required',
  on: {
    'engine.passkey': { target: '.required', reenter: false, actions: 'beginCeremony' },
    'engine.passkey.code': { target: '.confirming', actions: 'recordConfirmationCode' },
    'engine.passkey.ended': ceremonyEnded,
  },
  states: {
    required: {
      entry: { type: 'report', params: { status: 'PASSKEY_REQUIRED' } },
      after: { challengeLifetime: gaveUp(nobodyAnswered) },
      on: { 'engine.passkey.answered': { target: 'answered', actions: 'recordAnswer' } },
    },
    /** WhatsApp has the answer; the phone has to go on. */
    answered: { after: { phoneAnswerTimeout: gaveUp(phoneIsSilent) } },
    confirming: {
      entry: { type: 'report', params: { status: 'PASSKEY_CONFIRMATION_REQUIRED' } },
      after: { challengeLifetime: gaveUp(nobodyConfirmed) },
      on: { 'engine.passkey.confirmed': 'confirmed' },
    },
    confirmed: { after: { phoneAnswerTimeout: gaveUp(phoneIsSilent) } },
  },
} as const;
