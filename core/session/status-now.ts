import type { SessionStatus } from '../contracts/session.ts';
import { silenceOf } from './account-history.ts';
import { isPasskeyReason } from './close-reasons.ts';
import type { SessionContext, StatusUpdate } from './context.ts';
import { scanAgainNote } from './qr-budget.ts';

/** What is emitted on entering a state with a status. */
export const statusNow = (context: SessionContext, status: SessionStatus, update: StatusUpdate | null = null) => ({
  type: 'status' as const,
  status,
  reason: context.reason,
  message: context.message,
  note: context.note,
  attempt: context.attempt,
  nextRetryAt: context.nextRetryAt,
  me: context.me,
  restriction: context.restriction,
  capping: context.capping,
  phoneSilence: silenceOf(context),
  scanAgain: context.qr.scanAgain,
  update,
});

/** What people are told while they are asked to scan. */
export const toldWhileShowing = ({ reason, note, qr }: SessionContext) => ({
  reason: isPasskeyReason(reason) ? reason : null,
  message: null,
  note: isPasskeyReason(reason) ? note : qr.scanAgain ? scanAgainNote : null,
});
