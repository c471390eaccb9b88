/** Time as a parameter. It fits XState's `clock` option; tests pass a simulated one. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  setTimeout(action: () => void, milliseconds: number): unknown;
  clearTimeout(timer: unknown): void;
}

/** A number in [0, 1), the source of every jitter. */
export type Random = () => number;
