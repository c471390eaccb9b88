import type { MessageCapping } from '../contracts/account-limits.ts';
import type { PhoneSilence } from '../contracts/session.ts';
import type { AccountHistory } from '../contracts/stores.ts';
import type { SessionContext } from './context.ts';

const hour = 3_600_000;

/** WhatsApp unlinks the devices of a phone that was offline for so long (ms). */
const unlinkedAfter = 14 * 24 * hour;

/** An unlinking so soon after a restriction has probably to do with it (ms). */
const shortly = 24 * hour;

/** Signs of the phone come with every message; on disk they are worth no more than this (ms). */
const writeEvery = hour;

export const noAccountHistory: AccountHistory = {
  phoneSeenAt: null,
  restriction: null,
  restrictedAt: null,
  capping: null,
};

/** What a session takes up of the run before: of restrictions and quotas only those that end by our own clock. */
export const recall = (accountHistory: AccountHistory, now: number): Required<AccountHistory> => {
  const ends = accountHistory.restriction?.timeEnforcementEnds ?? null;
  const { restriction, capping = null } = accountHistory;
  return {
    ...accountHistory,
    restriction: ends !== null && ends > now ? restriction : null,
    capping: isOfThisCycle(capping, now) ? capping : null,
  };
};

/** What WhatsApp said of a quota is true until its cycle ends. */
const isOfThisCycle = (capping: MessageCapping | null, now: number): boolean =>
  capping?.cycleEnd != null && capping.cycleEnd * 1000 > now;

/** The quota of new chats, as far as what is known of it holds. */
export const cappingNow = ({ capping, clock }: Pick<SessionContext, 'capping' | 'clock'>): MessageCapping | null =>
  capping?.cycleEnd == null || isOfThisCycle(capping, clock.now()) ? capping : null;

/** Whether the difference has to survive the process; `exactly` to the millisecond. */
export const isWorthWriting = (stored: AccountHistory, next: AccountHistory, exactly: boolean): boolean =>
  JSON.stringify({ ...stored, phoneSeenAt: null }) !== JSON.stringify({ ...next, phoneSeenAt: null }) ||
  (stored.phoneSeenAt === null) !== (next.phoneSeenAt === null) ||
  (next.phoneSeenAt ?? 0) - (stored.phoneSeenAt ?? 0) >= (exactly ? 1 : writeEvery);

export const accountHistoryOf = ({ phoneSeenAt, restriction, restrictedAt, capping }: SessionContext) => ({
  phoneSeenAt,
  restriction,
  restrictedAt,
  capping,
});

/** When the phone counts as silent (ms since the epoch); null while nobody watches. */
export const silenceBegins = ({ phoneSeenAt, timings }: SessionContext): number | null =>
  phoneSeenAt === null || timings.phoneSilence === 0 ? null : phoneSeenAt + timings.phoneSilence;

/** The warning about a phone that gave no sign for long; null when there is nothing to warn of. */
export const silenceOf = (context: SessionContext): PhoneSilence | null => {
  const begins = silenceBegins(context);
  if (context.phoneSeenAt === null || begins === null || begins > context.clock.now()) return null;
  return { lastSeenAt: context.phoneSeenAt, unlinkExpectedAt: context.phoneSeenAt + unlinkedAfter };
};

/** The newest sign; none comes from the future. */
export const latestSign = ({ phoneSeenAt, clock }: SessionContext, seenAt: number): number =>
  Math.max(phoneSeenAt ?? 0, Math.min(seenAt, clock.now()));

/** No date of JavaScript is later. */
const lastDate = 8_640_000_000_000_000;

/** When what WhatsApp has done to the account ends, if it said so. */
export const noteOfEnd = (lasts: number | undefined, now: number): string | null =>
  lasts === undefined ? null : `WhatsApp lifts it at ${new Date(Math.min(now + lasts, lastDate)).toISOString()}`;

/** What goes with the news that the account is unlinked. */
export const noteOfUnlinking = ({ restriction, restrictedAt, clock }: SessionContext): string | null => {
  const recently = restrictedAt !== null && clock.now() - restrictedAt <= shortly;
  if (restriction === null && !recently) return null;
  return 'WhatsApp had restricted the account (reachout_timelock) shortly before';
};
