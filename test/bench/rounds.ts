/** A round is as many messages as a side takes in this time, for both sides alike. */
const roundMs = 4_000;
/** A side that is slow gets this many all the same. */
const fewest = 100;
const most = 4_000;
/** V8 compiles a path bit by bit, over thousands of messages. */
const warmUpMessages = 6_400;
const warmUpMs = 20_000;
const burstMs = 5_000;
const burstMost = 1_600;

/** How a side is made ready for its rounds. */
export interface WarmUp {
  /** Sends messages, and resolves with how many went through a second. */
  send(messages: number): Promise<number>;
  /** A quick run has one burst of so many, and rounds of no more. */
  readonly quick?: number;
  /** Milliseconds of a clock. */
  readonly now?: () => number;
}

/**
 * Sends bursts to a side until it has taken 6,400 messages or 20 seconds have passed. Resolves with how many messages its
 * rounds should have, by the rate of the last burst: the first ones are slow.
 */
export const warmUp = async ({ send, quick, now = () => performance.now() }: WarmUp): Promise<number> => {
  if (quick !== undefined) return sized(await send(quick), roundMs, quick);
  const began = now();
  let burst = fewest;
  let perSecond = 0;
  for (let taken = 0; taken < warmUpMessages && now() - began < warmUpMs; taken += burst) {
    burst = taken === 0 ? fewest : sized(perSecond, burstMs, burstMost);
    perSecond = await send(burst);
  }
  return sized(perSecond, roundMs, most);
};

const sized = (perSecond: number, ms: number, limit: number): number =>
  Math.min(limit, Math.max(fewest, Math.round((perSecond * ms) / 1000)));
