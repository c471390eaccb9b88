/** The waits between tries, in ms. */
export interface BackoffLimits {
  readonly first: number;
  readonly longest: number;
}

/**
 * The wait (ms) after this many failures in a row, from 1 on: `first`, and twice as long after each further one, up to
 * `longest`. It has no jitter of its own: where many wait for the same receiver, the caller multiplies by a random share.
 */
export const backoff = (failures: number, { first, longest }: BackoffLimits): number =>
  // 2 ** 30 times a millisecond is twelve days: no number of failures overflows.
  Math.min(longest, first * 2 ** Math.min(30, Math.max(0, failures - 1)));
