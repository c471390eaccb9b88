import { type Profiler, Session } from 'node:inspector/promises';

/**
 * What has run of some files so far, by V8's precise coverage of blocks. It tells whether an input reached code that none before it
 * reached.
 */
export class Coverage {
  readonly #session = new Session();
  readonly #watched: RegExp;
  /** For each script which of its characters have run. */
  readonly #run = new Map<string, Uint8Array>();

  private constructor(watched: RegExp) {
    this.#watched = watched;
  }

  /** `watched` fits the addresses of the files to look at. */
  static async start(watched: RegExp): Promise<Coverage> {
    const coverage = new Coverage(watched);
    coverage.#session.connect();
    await coverage.#session.post('Profiler.enable');
    await coverage.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
    return coverage;
  }

  /** How many characters of source have run since the last look that never ran before. They are remembered, unless it is only a `peek`. */
  async grown(look?: 'peek'): Promise<number> {
    const { result } = await this.#session.post('Profiler.takePreciseCoverage');
    const watched = result.filter(({ url }) => this.#watched.test(url));
    return watched.reduce((sum, script) => sum + this.#add(script, look !== 'peek'), 0);
  }

  /** How many characters have run in all. */
  get size(): number {
    return [...this.#run.values()].reduce((sum, run) => sum + run.reduce((count, one) => count + one, 0), 0);
  }

  async stop(): Promise<void> {
    await this.#session.post('Profiler.stopPreciseCoverage');
    this.#session.disconnect();
  }

  #add({ scriptId, functions }: Profiler.ScriptCoverage, remembered: boolean): number {
    const end = Math.max(0, ...functions.flatMap(({ ranges }) => ranges.map(({ endOffset }) => endOffset)));
    const run = grownTo(this.#run.get(scriptId), end);
    this.#run.set(scriptId, run);
    let grown = 0;
    for (const { ranges } of functions) {
      const now = runIn(ranges);
      for (const [start, stop] of now) {
        for (let at = start; at < stop; at++) {
          if (run[at] === 1) continue;
          if (remembered) run[at] = 1;
          grown += 1;
        }
      }
    }
    return grown;
  }
}

const grownTo = (before: Uint8Array | undefined, length: number): Uint8Array => {
  if (before && before.length >= length) return before;
  const larger = new Uint8Array(length);
  if (before) larger.set(before);
  return larger;
};

/** The stretches of a function that ran. Its ranges lie in each other, the outer first; the innermost says what counts. */
const runIn = (ranges: readonly Profiler.CoverageRange[]): [number, number][] => {
  const [whole] = ranges;
  if (!whole || whole.count === 0) return [];
  const edges = [...new Set(ranges.flatMap(({ startOffset, endOffset }) => [startOffset, endOffset]))].sort(
    (one, other) => one - other,
  );
  return edges.slice(0, -1).flatMap((start, index): [number, number][] => {
    const stop = edges[index + 1] ?? start;
    const innermost = ranges.findLast(({ startOffset, endOffset }) => startOffset <= start && stop <= endOffset);
    return innermost && innermost.count > 0 ? [[start, stop]] : [];
  });
};
