import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** How a bench run goes. */
export interface BenchOptions {
  /** Few sessions, few messages: says whether something broke, not how much it costs. */
  readonly quick: boolean;
  /** Names of rows; all that belong to the kind of run when empty. */
  readonly only: readonly string[];
  readonly rounds: number;
  /** Where the figures go as JSON. */
  readonly json: string | null;
  /** How many sessions the scaling rows go up to. */
  readonly sessions: number;
  /** Writes the plots to `docs/`. */
  readonly plots: boolean;
  /** JSON files of former runs that the plots show, too. */
  readonly former: readonly string[];
  /** A folder for V8 profiles of the runtime under test. */
  readonly profile: string | null;
  /** How long the floor may take for what takes it ever longer the more sessions it has: resuming and linking (ms). */
  readonly patienceMs: number;
  /** Prints the table as docs/performance.md has it. */
  readonly markdown: boolean;
  /** Measures nothing, and reports on the former runs. */
  readonly report: boolean;
  readonly list: boolean;
}

/** Reads the command line. Throws on a flag that is not there. */
export const readOptions = (argv: readonly string[]): BenchOptions => {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string' },
      json: { type: 'string' },
      sessions: { type: 'string' },
      plots: { type: 'boolean', default: false },
      with: { type: 'string', multiple: true, default: [] },
      profile: { type: 'string' },
      patience: { type: 'string' },
      markdown: { type: 'boolean', default: false },
      report: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
    },
  });
  return {
    quick: values.quick,
    only: values.only.flatMap((names) => names.split(',')).filter((name) => name !== ''),
    rounds: wholeNumber(values.rounds, values.quick ? 3 : 5, 'rounds'),
    json: values.json ?? null,
    sessions: wholeNumber(values.sessions, values.quick ? 10 : 100, 'sessions'),
    plots: values.plots,
    former: values.with.map((file) => resolve(file)),
    profile: values.profile ?? null,
    patienceMs: wholeNumber(values.patience, 180, 'patience') * 1000,
    markdown: values.markdown,
    report: values.report,
    list: values.list,
  };
};

/** Flags of Node for the runtime under test. */
export const profiling = ({ profile }: BenchOptions): readonly string[] =>
  profile === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${resolve(profile)}`];

const wholeNumber = (text: string | undefined, otherwise: number, flag: string): number => {
  if (text === undefined) return otherwise;
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new Error(`--${flag} must be a whole number from 1`);
  return number;
};
