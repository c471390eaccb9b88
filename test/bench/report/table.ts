import type { Figure } from '../row.ts';
import { summarise } from './statistics.ts';

/** One line per figure: medians, the ratio with its spread, and whether it reaches its goal. */
export const table = (figures: readonly Figure[]): string => {
  const head = ['row', 'ours', 'floor', 'unit', 'ratio', 'spread', 'goal', '', 'CPU ours', 'CPU floor'];
  const body = figures.map((figure) => {
    const { ours, floor, ratio, lowest, highest } = summarise(figure.rounds);
    return [
      figure.row,
      rounded(ours),
      rounded(floor),
      figure.unit,
      ratio.toFixed(2),
      `${lowest.toFixed(2)}–${highest.toFixed(2)}`,
      goalOf(figure),
      verdict(figure),
      figure.cpu ? `${figure.cpu.ours.toFixed(2)} ms` : '',
      figure.cpu ? `${figure.cpu.floor.toFixed(2)} ms` : '',
    ];
  });
  const widths = head.map((name, column) => Math.max(name.length, ...body.map((line) => line[column]?.length ?? 0)));
  return [head, ...body]
    .map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .join('\n');
};

const goalOf = ({ goal, unit }: Figure): string => {
  if (!goal) return '';
  if ('limit' in goal) return `≤ ${goal.limit} ${unit}`;
  return 'adds' in goal ? `adds ≤ ${goal.adds}` : `${goal.at === 'least' ? '≥' : '≤'} ${goal.ratio}`;
};

/** `ok`, `short` when the median misses the goal, nothing without a goal. */
export const verdict = ({ goal, rounds }: Figure): string => {
  if (!goal) return '';
  const { ratio, added, ours } = summarise(rounds);
  if ('limit' in goal) return ours <= goal.limit ? 'ok' : 'short';
  if ('adds' in goal) return added <= goal.adds ? 'ok' : 'short';
  const reached = goal.at === 'least' ? ratio >= goal.ratio : ratio <= goal.ratio;
  return reached ? 'ok' : 'short';
};

const rounded = (value: number): string => (value >= 100 ? String(Math.round(value)) : value.toFixed(1));
