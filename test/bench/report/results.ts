import { readFileSync, writeFileSync } from 'node:fs';
import type { BenchOptions } from '../options.ts';
import type { Failure, Figure } from '../row.ts';
import type { Machine } from './machine.ts';
import { summarise } from './statistics.ts';
import { verdict } from './table.ts';

/** What a run has measured, each round of both sides included. */
export interface Results {
  /** Its Node, its CPU, and what others were doing. */
  readonly machine: Machine;
  readonly options: BenchOptions;
  readonly figures: readonly Figure[];
  readonly failures: readonly Failure[];
}

/** Writes them as JSON, with what the table says of them. */
export const writeResults = (file: string, { figures, ...rest }: Results): void => {
  const full = figures.map((figure) => ({ ...figure, ...summarise(figure.rounds), verdict: verdict(figure) }));
  writeFileSync(file, `${JSON.stringify({ ...rest, figures: full }, null, 2)}\n`);
};

/** Reads the JSON of former runs. */
export const readResults = (file: string): Results => {
  const results = JSON.parse(readFileSync(file, 'utf8')) as Results;
  return { ...results, failures: results.failures ?? [] };
};

/** The figures of all runs, in the order of the first; the latest run that has a row speaks for it. */
export const merged = (runs: readonly (readonly Figure[])[]): Figure[] => {
  const latest = new Map<string, Figure>();
  for (const figure of runs.flat()) latest.set(figure.row, figure);
  return [...latest.values()];
};
