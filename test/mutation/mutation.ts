/**
 * A place in the program whose change breaks a promise of the documentation. With `replacement` in place of `text`, which
 * stands in `file` once, one of the named tests has to fail.
 */
export interface Mutation {
  /** From the root of the repository. */
  readonly file: string;
  readonly text: string;
  readonly replacement: string;
  /** The page below `docs/`, and words that stand in it. */
  readonly promise: readonly [page: string, words: string];
  /** Files below `test/`. */
  readonly tests: readonly string[];
}
