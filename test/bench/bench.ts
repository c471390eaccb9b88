import { writeFileSync } from 'node:fs';
import { Fleet, type FleetSink } from './fleet.ts';
import { type BenchOptions, profiling, readOptions } from './options.ts';
import { buildPackage, type Package } from './package.ts';
import { machine } from './report/machine.ts';
import { writePlots } from './report/plots.ts';
import { summarise } from './report/statistics.ts';
import { table, verdict } from './report/table.ts';
import type { Bench, Figure, Row } from './row.ts';
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

  async fleet(sessions: number, sink: FleetSink = 'webhook'): Promise<Fleet> {
    const flags = profiling(this.options);
    const parts = { package: this.package, sandbox: await this.sandbox(), sink, flags };
    const fleet = this.#fleets.get(sink) ?? (await Fleet.start(parts));
    this.#fleets.set(sink, fleet);
    await fleet.grow(sessions);
    return fleet;
  }

  async close(): Promise<void> {
    for (const fleet of this.#fleets.values()) await fleet.stop();
    await (await this.#sandbox)?.process.stop();
  }
}

const chosen = ({ quick, only }: BenchOptions): Row[] => {
  const unknown = only.filter((name) => !rows.some((row) => row.name === name));
  if (unknown.length > 0) throw new Error(`there is no row '${unknown.join("', '")}'; --list names them`);
  return rows.filter((row) => (only.length > 0 ? only.includes(row.name) : !row.byName && (!quick || row.quick)));
};

const measure = async (bench: Bench): Promise<Figure[]> => {
  const figures: Figure[] = [];
  for (const row of chosen(bench.options)) {
    const began = performance.now();
    try {
      figures.push(...(await row.measure(bench)));
    } catch (error) {
      // What was measured before is worth its minutes; the rows that follow may share what broke.
      say(`${row.name} failed: ${error instanceof Error ? error.message : error}`);
      process.exitCode = 1;
      break;
    }
    say(`${row.name}: ${row.title} took ${Math.round((performance.now() - began) / 100) / 10} s`);
  }
  return figures;
};

const report = (options: BenchOptions, figures: readonly Figure[]): void => {
  const about = machine();
  console.log(`${about.cpu}, ${about.cores} cores, Node ${about.node}, load ${about.load}\n\n${table(figures)}`);
  if (options.json !== null) {
    const full = figures.map((figure) => ({ ...figure, ...summarise(figure.rounds), verdict: verdict(figure) }));
    writeFileSync(options.json, `${JSON.stringify({ machine: about, options, figures: full }, null, 2)}\n`);
  }
  if (options.plots) writePlots(figures, options.former);
};

const main = async (): Promise<void> => {
  const options = readOptions(process.argv.slice(2));
  if (options.list) return void console.log(rows.map(({ name, title }) => `${name.padEnd(14)} ${title}`).join('\n'));
  const bench = new Shared(options, buildPackage());
  try {
    report(options, await measure(bench));
  } finally {
    await bench.close();
  }
};

await main();
