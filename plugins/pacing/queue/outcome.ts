import { backoff, isRuntimeError, sentence } from 'waha-runtime';

/** What becomes of a send that was tried in vain. */
export type Outcome =
  /** It waits on: the session's turn, a policy or WhatsApp holds it. */
  | { readonly kind: 'held'; readonly until: number; readonly reason: string }
  /** It is tried again. */
  | { readonly kind: 'retry'; readonly until: number; readonly reason: string }
  /** It will never go out as it is. */
  | { readonly kind: 'failed'; readonly reason: string };

/** WhatsApp does not always say until when a limit holds (ms). */
const UNSAID_MS = 3_600_000;
/** So often something is tried that may pass. */
const MOST_ATTEMPTS = 10;
const LIMITS = [463, 475];

/** Reads what a failed send says. `attempts` counts the ones before. */
export const outcomeOf = (error: unknown, attempts: number, now: number): Outcome => {
  const reason = sentence(error);
  if (!isRuntimeError(error)) return retried(attempts, now, reason);
  const { body, retryAfterSeconds } = error.details;
  if (error.code === 'TOO_MANY_REQUESTS') {
    const until = typeof body?.['until'] === 'number' ? body['until'] : now + (retryAfterSeconds ?? 1) * 1000;
    return { kind: 'held', until, reason: String(body?.['reason'] ?? 'pace') };
  }
  if (LIMITS.includes(body?.['code'] as number)) {
    const until = Date.parse(String(body?.['until'] ?? ''));
    return { kind: 'held', until: until > now ? until : now + UNSAID_MS, reason: String(body?.['reason']) };
  }
  if (error.code === 'SESSION_STATUS') return { kind: 'held', until: now + 5000, reason: 'the session is not WORKING' };
  return error.status >= 500 ? retried(attempts, now, reason) : { kind: 'failed', reason };
};

const retried = (attempts: number, now: number, reason: string): Outcome =>
  attempts + 1 >= MOST_ATTEMPTS
    ? { kind: 'failed', reason }
    : { kind: 'retry', until: now + backoff(attempts + 1, { first: 1000, longest: 300_000 }), reason };
