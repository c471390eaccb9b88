/** The middle value; the mean of the two middle ones for an even count. */
export const median = (values: readonly number[]): number => {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
};

/** One round: the floor and the runtime, measured one right after the other. */
export interface Pair {
  readonly floor: number;
  readonly ours: number;
}

/** What several rounds say together. */
export interface Summary {
  readonly floor: number;
  readonly ours: number;
  /** The median of the rounds' own ratios: noise that lasts longer than a round cancels out. */
  readonly ratio: number;
  readonly lowest: number;
  readonly highest: number;
  /** The median of what ours takes more than the floor. */
  readonly added: number;
}

/** Medians over rounds. `ratio` is ours / floor. */
export const summarise = (pairs: readonly Pair[]): Summary => {
  const ratios = pairs.map(({ floor, ours }) => ours / floor);
  return {
    floor: median(pairs.map(({ floor }) => floor)),
    ours: median(pairs.map(({ ours }) => ours)),
    ratio: median(ratios),
    lowest: Math.min(...ratios),
    highest: Math.max(...ratios),
    added: median(pairs.map(({ floor, ours }) => ours - floor)),
  };
};
