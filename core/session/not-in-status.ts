import type { SessionStatus } from '../contracts/session.ts';
import { sessionStatus } from '../errors.ts';
import type { Session } from './session.ts';

/** 422: the session is in another status; with why that is, and when it tries again, where something is wrong. */
export const notInStatus = (session: Session, expected: SessionStatus) => {
  const { name, status, reason, note, attempt, nextRetryAt } = session.info();
  const trouble = { reason, note, attempt, nextRetryAt };
  const known = Object.fromEntries(Object.entries(trouble).filter(([, value]) => value !== undefined));
  return sessionStatus(name, status, [expected], known);
};
