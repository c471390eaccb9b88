import type { CloseReason } from '../contracts/engine.ts';
import type { MeInfo } from '../contracts/session.ts';
import { consequenceOf } from './close-reasons.ts';
import type { Closed, SessionContext } from './context.ts';
import { isLastTakeover } from './takeovers.ts';

/** How often in a row WhatsApp may ask for a new connection at once. */
const maxReopens = 5;

/** The account is no longer linked: the credentials are moved aside, a new link is needed. */
export const isUnlinking = (closed: Closed): boolean => consequenceOf(closed.reason).does === 'unlink';

/** Trying again does not mend it, or was tried often enough. */
export const isTerminal = (context: SessionContext, closed: Closed): boolean => {
  if (closed.reason === 'replaced') return isLastTakeover(context);
  const { does } = consequenceOf(closed.reason);
  return typeof does === 'number' ? (context.doubts[closed.reason] ?? 0) >= does : does === 'fail';
};

/** Counts towards giving up. */
export const isDoubtful = (reason: CloseReason): boolean => typeof consequenceOf(reason).does === 'number';

/** WhatsApp asked for a new connection (515): not a failure, no wait. */
export const isReopen = (context: SessionContext, closed: Closed): boolean =>
  closed.reason === 'restart_required' && context.reopens < maxReopens;

/** The server's codes are used up while the QR budget is not. */
export const isOutOfCodes = (context: SessionContext, closed: Closed): boolean =>
  closed.reason === 'qr_refs_ended' && context.reopens < maxReopens && isPairing(context) && !isBudgetOver(context);

/** Somebody was asked to scan and did not yet. */
export const isPairing = (context: SessionContext): boolean => context.qr.slot >= 0;

/** The last slot of the QR budget is over. */
export const isBudgetOver = (context: SessionContext): boolean =>
  isPairing(context) && budgetEndsAt(context) <= context.clock.now();

/** No slot follows. */
export const isLastSlot = ({ qr, timings }: SessionContext): boolean => qr.slot >= timings.qr.length - 1;

/** When the QR budget ends (ms since the epoch). */
export const budgetEndsAt = ({ qr, timings, clock }: SessionContext): number => {
  const paused = qr.pausedAt === null ? 0 : clock.now() - qr.pausedAt;
  return timings.qr.slice(qr.slot + 1).reduce((end, lifetime) => end + lifetime, qr.slotEndsAt + paused);
};

/** A pairing code waits in somebody's hand: it dies with its connection, so the connection is kept until it expires. */
export const isCodeLive = ({ pairingCode, clock }: SessionContext): boolean =>
  pairingCode !== null && pairingCode.expiresAt > clock.now();

/** The config names another number than the one that linked. */
export const isWrongPhone = ({ pinnedPhone }: SessionContext, me: MeInfo): boolean => {
  const pinned = pinnedPhone();
  return pinned !== null && me.id.split('@')[0] !== pinned;
};

/** WhatsApp's restriction has an end, and it is past. */
export const isRestrictionOver = ({ restriction, clock }: SessionContext): boolean =>
  restriction !== null && restriction.timeEnforcementEnds !== null && restriction.timeEnforcementEnds <= clock.now();
