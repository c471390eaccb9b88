import { Fleet, type FleetSink } from './fleet.ts';
import { type BenchOptions, profiling, readOptions } from './options.ts';
import { buildPackage, type Package } from './package.ts';
import { machine } from './report/machine.ts';
import { writePlots } from './report/plots.ts';
import { merged, type Results, readResults, writeResults } from './report/results.ts';
import { markdown, table } from './report/table.ts';
import type { Bench, Failure, Figure, Row } from './row.ts';
import { rows } from './rows/index.ts';
import { Sandbox } from './sides/sandbox.ts';

/** Says what goes on without getting between the figures: those go to standard output. */
const say = (what: string): void => console.error(`  ${what}`);

/** Processes that rows share, made when first asked for. */
class Shared implements Bench {
  readonly options: BenchOptions;
  readonly package: Package;
  readonly say = say;
  #sandbox: Promise<Sandbox> | null = null;
  readonly #fleets = new Map<FleetSink, Fleet>();

  constructor(options: BenchOptions, built: Package) {
    this.options = options;
    this.package = built;
  }

  sandbox(): Promise<Sandbox> {
    this.#sandbox ??= Sandbox.start(this.package);
    return this.#sandbox;
  }

  async linked(sessions: number, sink: FleetSink = 'webhook'): Promise<Fleet> {
    const parts = { package: this.package, sandbox: await this.sandbox(), sink };
    const more = { flags: profiling(this.options), limitMs: this.options.patienceMs };
    const fleet = this.#fleets.get(sink) ?? (await Fleet.start({ ...parts, ...more }));
    this.#fleets.set(sink, fleet);
    await fleet.link(sessions);
    return fleet;
  }

  async fleet(sessions: number, sink?: FleetSink): Promise<Fleet> {
    const fleet = await this.linked(sessions, sink);
    await fleet.connect();
    return fleet;
  }

  /** Ends what is shared. Rows that follow get it anew. */
  async close(): Promise<void> {
    const [sandbox, fleets] = [this.#sandbox, [...this.#fleets.values()]];
    this.#sandbox = null;
    this.#fleets.clear();
    for (const fleet of fleets) await fleet.stop();
    // The row that wanted one that did not start has failed of it.
    await (await sandbox?.catch(() => null))?.process.stop();
  }
}

type Measured = Pick<Results, 'figures' | 'failures'>;

const chosen = ({ quick, only }: BenchOptions): Row[] => {
  const unknown = only.filter((name) => !rows.some((row) => row.name === name));
  if (unknown.length > 0) throw new Error(`there is no row '${unknown.join("', '")}'; --list names them`);
  return rows.filter((row) => (only.length > 0 ? only.includes(row.name) : !row.byName && (!quick || row.quick)));
};

/** Measures one row after the other. A row that fails is reported, and leaves nothing behind for those that follow. */
const measure = async (bench: Shared, measured: (run: Measured) => void): Promise<void> => {
  const figures: Figure[] = [];
  const failures: Failure[] = [];
  for (const row of chosen(bench.options)) {
    const began = performance.now();
    const seconds = (): number => Math.round((performance.now() - began) / 100) / 10;
    try {
      figures.push(...(await row.measure(bench)));
      say(`${row.name}: ${row.title} took ${seconds()} s`);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      failures.push({ row: row.name, error: reason.replaceAll(/\s*\n\s*/g, ' / ').slice(0, 300) });
      say(`${row.name} failed after ${seconds()} s: ${reason}`);
      process.exitCode = 1;
      await bench.close();
    }
    measured({ figures, failures });
  }
};

const print = (options: BenchOptions, runs: readonly Results[]): void => {
  for (const { machine: about } of runs) {
    console.log(
      `${about.cpu}, ${about.cores} cores, Node ${about.node}, load ${about.load}, ${about.at ?? 'some day'}`,
    );
  }
  const figures = merged(runs.map((run) => run.figures));
  const failures = runs.flatMap((run) => run.failures);
  console.log(`\n${(options.markdown ? markdown : table)(figures, failures)}`);
};

const draw = ({ plots }: BenchOptions, figures: readonly Figure[]): void => {
  if (plots) say(`drawn in docs/: ${writePlots(figures).join(', ') || 'nothing, for want of two numbers of sessions'}`);
};

/** Measures, and writes the JSON after each row: a run that is broken off keeps what it has. */
const run = async (options: BenchOptions): Promise<void> => {
  const about = machine();
  const bench = new Shared(options, buildPackage());
  let results: Results = { machine: about, options, figures: [], failures: [] };
  try {
    await measure(bench, (measured) => {
      results = { ...results, ...measured };
      if (options.json !== null) writeResults(options.json, results);
    });
    print(options, [results]);
    draw(options, merged([...options.former.map((file) => readResults(file).figures), results.figures]));
  } finally {
    await bench.close();
  }
};

/** Puts former runs together, without measuring. */
const report = (options: BenchOptions): void => {
  const former = options.former.map(readResults);
  print(options, former);
  draw(options, merged(former.map((results) => results.figures)));
};

const main = async (): Promise<void> => {
  const options = readOptions(process.argv.slice(2));
  if (options.list) return void console.log(rows.map(({ name, title }) => `${name.padEnd(14)} ${title}`).join('\n'));
  if (options.report) return report(options);
  await run(options);
};

// So that children end with it (see sides/process.ts), and folders go (see fleet.ts).
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
await main();
