import type { SessionContext } from './context.ts';

/** So many times within `slowWindow` (ms): the other client will not let go, and the pause becomes long. */
const slowCount = 5;
const slowWindow = 30_000;
/** So many times within `endWindow` (ms): two servers with the keys of one device fight, and one of them has to end it. */
const endCount = 10;
const endWindow = 15 * 60_000;

type Takeovers = Pick<SessionContext, 'conflicts' | 'clock'>;

/** The takeovers that still count, with one of now. */
export const withTakeover = ({ conflicts, clock }: Takeovers): readonly number[] =>
  [...conflicts.filter((at) => at > clock.now() - endWindow), clock.now()].slice(-endCount);

/** Another client takes the account over again and again. */
export const isFoughtOver = ({ conflicts, clock }: Takeovers): boolean =>
  conflicts.filter((at) => at > clock.now() - slowWindow).length >= slowCount;

/**
 * Whether one more takeover ends the session. WhatsApp disconnects the one that was there when the other one comes, so the two
 * count in turns, and the first to reach the end leaves the account to the other.
 */
export const isLastTakeover = (context: Takeovers): boolean => withTakeover(context).length >= endCount;

/** What the user is told of a takeover. */
export const takeoverMessage = (context: Takeovers): string =>
  isLastTakeover(context)
    ? `another connection of this linked device took over ${endCount} times in ${endWindow / 60_000} minutes: a second server runs with a copy of these data, such as a restored backup. Stop one of the two for good; to go on with this one, start the session`
    : 'another connection of this linked device took over: does a second server run with a copy of these data?';
