import { timelockOf } from '../contracts/account-limits.ts';
import type { MeInfo, SessionInfo, SessionStatus } from '../contracts/session.ts';
import { cappingNow, silenceOf } from './account-history.ts';
import type { SessionContext, StatusEmitted } from './context.ts';

type Trouble = Pick<StatusEmitted, 'reason' | 'message' | 'note' | 'attempt' | 'nextRetryAt'>;

/** Why a status was entered, where there is a why. */
export const reasonOf = ({ reason, message, note }: Trouble) => ({
  ...(reason ? { reason } : {}),
  ...(message ? { message } : {}),
  ...(note ? { note } : {}),
});

/** What is wrong, where something is: why it failed, or why and when it tries again. */
export const failureDetails = (context: Trouble, status: SessionStatus) => {
  if (status === 'SCAN_QR_CODE') {
    const { message: _, ...said } = reasonOf(context);
    return said;
  }
  if (context.reason === null || (status !== 'FAILED' && status !== 'STARTING')) return {};
  const recoverable = status === 'STARTING';
  const retry = recoverable && context.attempt > 0 ? { attempt: context.attempt } : {};
  const next = recoverable && context.nextRetryAt !== null ? { nextRetryAt: context.nextRetryAt } : {};
  const note = context.note ? { note: context.note } : {};
  return { reason: context.reason, recoverable, ...note, ...retry, ...next };
};

type AccountStatus = Pick<SessionInfo, 'phoneLastSeenAt' | 'phoneSilence'>;

/** How the account stands with WhatsApp, as far as we know. */
export const accountStatus = (context: SessionContext): AccountStatus => {
  const { phoneSeenAt } = context;
  const phoneSilence = silenceOf(context);
  return {
    ...(phoneSeenAt === null ? {} : { phoneLastSeenAt: phoneSeenAt }),
    ...(phoneSilence === null ? {} : { phoneSilence }),
  };
};

/** The account that is linked, with what WhatsApp does not let it do. */
export const accountOf = (context: SessionContext): MeInfo | null => {
  const { me, restriction } = context;
  const capping = cappingNow(context);
  if (me === null || (restriction === null && capping === null)) return me;
  return {
    ...me,
    ...(restriction === null ? {} : { reachoutTimelock: timelockOf(restriction) }),
    ...(capping === null ? {} : { messageCapping: capping }),
  };
};

/**
 * While WORKING a restriction or a silent phone while it lasts, and once what says that it is over; the quota of new chats when it changed. With SCAN_QR_CODE
 * whether the phone has to scan once more.
 */
export const dataOf = ({
  status,
  restriction,
  capping,
  phoneSilence,
  scanAgain,
  update,
}: StatusEmitted): object | null => {
  if (status === 'SCAN_QR_CODE') return scanAgain ? { scanAgain } : null;
  if (status !== 'WORKING') return null;
  const data = {
    ...(restriction !== null || update === 'restriction' ? { reachoutTimelock: timelockOf(restriction) } : {}),
    ...(capping !== null && update === 'capping' ? { messageCapping: capping } : {}),
    ...(phoneSilence !== null || update === 'phone' ? { phoneSilence } : {}),
  };
  return Object.keys(data).length === 0 ? null : data;
};
