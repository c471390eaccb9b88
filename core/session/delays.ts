import { backoff } from '../backoff.ts';
import { silenceBegins } from './account-history.ts';
import { isSlow } from './close-reasons.ts';
import type { SessionContext } from './context.ts';
import { budgetEndsAt, isPairing } from './guards.ts';
import { isFoughtOver } from './takeovers.ts';

/**
 * How long to wait before the next attempt (ms): full jitter below a bound that doubles with each attempt
 * and is capped. While somebody is asked to scan, never past the end of the QR budget.
 */
export const retryDelay = (context: SessionContext): number => {
  const { timings, random, clock } = context;
  if (context.reason === 'replaced' && isFoughtOver(context)) return timings.conflict + random() * timings.conflict;
  const base = context.reason && isSlow(context.reason) ? timings.backoffSlow : timings.backoffBase;
  const bound = backoff(context.attempt, { first: base, longest: timings.backoffCap });
  const wait = Math.round(random() * bound);
  return isPairing(context) ? Math.max(0, Math.min(wait, budgetEndsAt(context) - clock.now())) : wait;
};

const until = (context: SessionContext, moment: number): number => Math.max(0, moment - context.clock.now());

/** Timers hold 24 days at most; a restriction may last longer, so it is looked at once a day, and so is the phone. */
const longestWait = 24 * 3_600_000;

/** The machine's delays by name. */
export const delays = {
  startTimeout: ({ context }: { context: SessionContext }) => context.timings.start,
  linkedTimeout: ({ context }: { context: SessionContext }) => context.timings.linked,
  closeGrace: ({ context }: { context: SessionContext }) => context.timings.close,
  wipeTimeout: ({ context }: { context: SessionContext }) => context.timings.wipe,
  stableAfter: ({ context }: { context: SessionContext }) => context.timings.stable,
  probeInterval: ({ context }: { context: SessionContext }) => context.timings.probe,
  halfProbeTimeout: ({ context }: { context: SessionContext }) => context.timings.probeTimeout / 2,
  qrLifetime: ({ context }: { context: SessionContext }) => until(context, context.qr.slotEndsAt),
  codeTimeout: ({ context }: { context: SessionContext }) =>
    Math.min(context.timings.start, until(context, budgetEndsAt(context))),
  challengeLifetime: ({ context }: { context: SessionContext }) => until(context, context.passkey?.expiresAt ?? 0),
  phoneAnswerTimeout: ({ context }: { context: SessionContext }) => context.timings.passkeyPhone,
  codeLifetime: ({ context }: { context: SessionContext }) => until(context, context.pairingCode?.expiresAt ?? 0),
  restrictionStep: ({ context }: { context: SessionContext }) =>
    Math.min(longestWait, until(context, context.restriction?.timeEnforcementEnds ?? Number.MAX_SAFE_INTEGER)),
  phoneStep: ({ context }: { context: SessionContext }) =>
    Math.min(longestWait, until(context, silenceBegins(context) ?? Number.MAX_SAFE_INTEGER)),
  restartDelay: ({ context }: { context: SessionContext }) => until(context, context.nextRetryAt ?? 0),
};
