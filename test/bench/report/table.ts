import type { Failure, Figure } from '../row.ts';
import { summarise } from './statistics.ts';

const superscripts = ['¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];

/** One line per figure: medians, the ratio with its spread, and whether it reaches its goal; then what could not be measured. */
export const table = (figures: readonly Figure[], failures: readonly Failure[] = []): string => {
  const notes = new Notes();
  const head = ['row', 'ours', 'floor', 'unit', 'ratio', 'spread', 'goal', '', 'CPU ours', 'CPU floor'];
  const body = figures.map((figure) => {
    const { ours, floor, ratio, spread, cpu } = cellsOf(figure);
    const name = `${figure.row}${notes.marks(figure)}`;
    const times = cpu ? [`${cpu.ours.toFixed(2)} ms`, `${cpu.floor.toFixed(2)} ms`] : ['', ''];
    return [name, ours, floor, figure.unit, ratio, spread, goalOf(figure), verdict(figure), ...times];
  });
  const widths = head.map((name, column) => Math.max(name.length, ...body.map((line) => line[column]?.length ?? 0)));
  const lines = [head, ...body].map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  return [...lines, ...notes.lines(), ...failures.map(({ row, error }) => `${row} failed: ${error}`)].join('\n');
};

/** The same as docs/performance.md has it. */
export const markdown = (figures: readonly Figure[], failures: readonly Failure[] = []): string => {
  const notes = new Notes();
  const head = ['row', 'ours', 'floor', '', 'ratio', 'spread', 'goal', '', 'CPU, ours / floor'];
  const body = figures.map((figure) => {
    const { ours, floor, ratio, spread, cpu } = cellsOf(figure);
    const name = `\`${figure.row}\`${notes.marks(figure)}`;
    const times = cpu ? `${threeDigits(cpu.ours)} / ${threeDigits(cpu.floor)} ms` : '';
    return [name, ours, floor, figure.unit, ratio, spread, goalOf(figure), verdict(figure), times];
  });
  const failed = failures.map(({ row }) => [`\`${row}\``, ...Array<string>(6).fill(''), 'failed', '']);
  const widths = head.map((name, column) =>
    Math.max(3, name.length, ...[...body, ...failed].map((line) => line[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = line(widths.map((width) => '-'.repeat(width)));
  const below = [...notes.lines(), ...failures.map(({ row, error }) => `- \`${row}\` failed: ${error}`)];
  return [line(head), rule, ...[...body, ...failed].map(line), ...(below.length > 0 ? ['', ...below] : [])].join('\n');
};

/** Footnotes: what several figures share is written once. */
class Notes {
  readonly #said: string[] = [];

  marks({ caveats = [] }: Figure): string {
    const marks = caveats.map((caveat) => {
      if (!this.#said.includes(caveat)) this.#said.push(caveat);
      return superscript(this.#said.indexOf(caveat));
    });
    return marks.length > 0 ? ` ${marks.join(' ')}` : '';
  }

  lines(): string[] {
    return this.#said.map((caveat, index) => `${superscript(index)} ${caveat}`);
  }
}

const superscript = (index: number): string => superscripts[index] ?? `(${index + 1})`;

/** Figures as both tables show them. A floor that was given up on is a bound. */
const cellsOf = ({ rounds, goal, floorAtMost = false, cpu }: Figure) => {
  const { ours, floor, ratio, lowest, highest } = summarise(rounds);
  const [most, least] = floorAtMost ? ['≤ ', '≥ '] : ['', ''];
  // Of a floor near nothing, a ratio says nothing.
  const bare = goal !== undefined && 'adds' in goal && !(ratio > 0.1 && ratio < 10);
  return {
    ours: rounded(ours),
    floor: most + rounded(floor),
    ratio: bare ? '' : least + timesOf(ratio),
    spread: bare ? '' : `${timesOf(lowest)}–${timesOf(highest)}`,
    cpu,
  };
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

const timesOf = (ratio: number): string => ratio.toFixed(ratio >= 20 ? 0 : 2);

const threeDigits = (value: number): string =>
  value >= 100 ? String(Math.round(value)) : value.toFixed(value >= 10 ? 1 : 2);
