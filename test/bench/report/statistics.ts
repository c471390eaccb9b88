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

/** A straight line through points. */
export interface Line {
  readonly slope: number;
  /** The slope's standard error. */
  readonly error: number;
}

/** The line with the least squares of distances; needs three points or more. */
export const lineThrough = (points: readonly { readonly x: number; readonly y: number }[]): Line => {
  const mean = (of: (point: { x: number; y: number }) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean((point) => point.x), mean((point) => point.y)];
  const spread = points.reduce((sum, point) => sum + (point.x - x) ** 2, 0);
  const slope = points.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0) / spread;
  const left = points.reduce((sum, point) => sum + (point.y - y - slope * (point.x - x)) ** 2, 0);
  return { slope, error: Math.sqrt(left / (points.length - 2) / spread) };
};
