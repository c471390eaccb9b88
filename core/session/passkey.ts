import type { Passkey, PasskeyCeremony } from '../contracts/passkey.ts';
import type { SessionStatus } from '../contracts/session.ts';
import { unprocessable } from '../errors.ts';
import type { PasskeyState } from './context.ts';
import { notInStatus } from './not-in-status.ts';
import type { Session } from './session.ts';

/** What the user of a session does during a linking by passkey; each call looks at the session as it is then. */
export const passkeyOf = (session: Session): Passkey => ({
  challenge: () => unanswered(session).challenge,
  answer: async (assertion) => unanswered(session).answer(assertion),
  code: () => toConfirm(session).code,
  confirm: async () => toConfirm(session).ceremony.confirm(),
});

const unanswered = (session: Session): PasskeyCeremony => {
  const { ceremony, isAnswered } = stateOf(session, 'PASSKEY_REQUIRED');
  if (isAnswered)
    throw unprocessable(`session '${session.name}' has answered the challenge: keep WhatsApp open on the phone`);
  return ceremony;
};

const toConfirm = (session: Session): PasskeyState & { readonly code: string } => {
  const { code, ...passkey } = stateOf(session, 'PASSKEY_CONFIRMATION_REQUIRED');
  if (code === null) throw notInStatus(session, 'PASSKEY_CONFIRMATION_REQUIRED');
  return { ...passkey, code };
};

const stateOf = (session: Session, expected: SessionStatus): PasskeyState => {
  const { passkey } = session.context;
  if (passkey === null || session.status !== expected) throw notInStatus(session, expected);
  return passkey;
};
