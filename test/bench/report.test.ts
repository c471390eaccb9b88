import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readOptions } from './options.ts';
import { machine } from './report/machine.ts';
import { plot } from './report/plot.ts';
import { writePlots } from './report/plots.ts';
import { merged, readResults, writeResults } from './report/results.ts';
import { lineThrough, median, summarise } from './report/statistics.ts';
import { markdown, table, verdict } from './report/table.ts';
import type { Figure } from './row.ts';

describe('figures', () => {
  it('have the middle value as their median', () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([])]).toEqual([2, 2.5, Number.NaN]);
  });

  it('are compared round by round, so that noise longer than a round cancels out', () => {
    const summary = summarise([
      { floor: 100, ours: 80 },
      { floor: 50, ours: 40 },
      { floor: 10, ours: 9 },
    ]);
    expect(summary).toEqual({ floor: 50, ours: 40, ratio: 0.8, lowest: 0.8, highest: 0.9, added: -10 });
  });

  it('reach a goal or fall short of it', () => {
    const figure = (at: 'least' | 'most', ratio: number): Figure => ({
      row: 'boot',
      unit: 'ms',
      title: '',
      goal: { at, ratio },
      rounds: [{ floor: 100, ours: 200 }],
    });
    const verdicts = [figure('most', 2), figure('most', 1.9), figure('least', 2), figure('least', 2.1)].map(verdict);
    expect(verdicts).toEqual(['ok', 'short', 'ok', 'short']);
    expect(table([figure('most', 2.5)]).split('\n')[1]).toMatch(
      /^boot +200 +100 +ms +2\.00 +2\.00–2\.00 +≤ 2\.5 +ok *$/,
    );
  });

  it('may have a goal for what they add to the floor', () => {
    const adding = (adds: number): Figure => ({
      row: 'plugins-50',
      unit: 'ms',
      title: '',
      goal: { adds },
      rounds: [{ floor: 900, ours: 990 }],
    });
    expect([verdict(adding(100)), verdict(adding(80))]).toEqual(['ok', 'short']);
    expect(table([adding(100)])).toMatch(/ adds ≤ 100 +ok *$/);
  });

  it('may have a limit whatever the floor takes, and name the CPU time of both sides', () => {
    const weighing = (limit: number): Figure => ({
      row: 'rss-1000',
      unit: 'MB',
      title: '',
      goal: { limit },
      rounds: [{ floor: 400, ours: 600 }],
      cpu: { floor: 1.5, ours: 0.75 },
    });
    expect([verdict(weighing(600)), verdict(weighing(599))]).toEqual(['ok', 'short']);
    expect(table([weighing(1000)])).toMatch(/ ≤ 1000 MB +ok +0\.75 ms +1\.50 ms *$/);
  });

  it('that grow have a slope with its error', () => {
    const points = [0, 1, 2, 3].map((x) => ({ x, y: 5 + 2 * x + (x % 2 === 0 ? 0.1 : -0.1) }));
    const { slope, error } = lineThrough(points);
    expect(slope).toBeCloseTo(1.96, 5);
    expect(error).toBeCloseTo(0.0566, 3);
    expect(lineThrough([0, 1, 2].map((x) => ({ x, y: x }))).error).toBe(0);
  });

  it('are drawn over the number of sessions', () => {
    const points = [
      { x: 1, y: 500 },
      { x: 100, y: 450 },
    ];
    const svg = plot({ title: 'T', xLabel: 'x', yLabel: 'y', curves: [{ label: 'ours', colour: '#000', points }] });
    expect(svg).toContain('<polyline points="64.0,48.0 490.0,74.4"');
    expect(svg).toMatch(/^<svg .*<\/svg>\n$/s);
  });
});

/** A figure of one round. */
const figureOf = (row: string, ours: number, floor: number, more: Partial<Figure> = {}): Figure => ({
  ...{ row, unit: 'sessions/s', title: '', rounds: [{ ours, floor }] },
  ...more,
});

describe('the table', () => {
  const cut = 'the floor had 640 of 1000 sessions after 180 s and got no more time';
  const resume = figureOf('resume-1000', 40, 4, {
    ...{ goal: { at: 'least', ratio: 0.8 }, floorAtMost: true, caveats: [cut, '2 rounds'] },
  });
  const memory = figureOf('memory-1000', 300, 400, {
    unit: 'KB/session',
    caveats: [cut],
    cpu: { ours: 1.5, floor: 120 },
  });

  it('says which floor was given up on, once for all rows, and that it is a bound', () => {
    const lines = table([resume, memory]).split('\n');
    expect(lines[1]).toMatch(/^resume-1000 ¹ ² +40\.0 +≤ 4\.0 +sessions\/s +≥ 10\.00 +10\.00–10\.00 +≥ 0\.8 +ok *$/);
    expect(lines[2]).toMatch(/^memory-1000 ¹ +300 +400 +KB\/session +0\.75 /);
    expect(lines.slice(3)).toEqual([`¹ ${cut}`, '² 2 rounds']);
  });

  it('names the rows that failed, and why', () => {
    const failures = [{ row: 'group', error: 'a message was lost' }];
    expect(table([memory], failures).split('\n').at(-1)).toBe('group failed: a message was lost');
    expect(markdown([memory], failures)).toMatch(/\n\| `group` +\|( +\|){6} failed +\| +\|\n/);
    expect(markdown([memory], failures)).toMatch(/\n- `group` failed: a message was lost$/);
  });

  it('can be pasted into the documentation', () => {
    const [head, rule, first, second, ...below] = markdown([resume, memory]).split('\n');
    expect(head).toMatch(/^\| row +\| ours \| floor \| +\| ratio +\| spread +\| goal +\| +\| CPU, ours \/ floor \|$/);
    expect(rule).toMatch(/^(\| -+ )+\|$/);
    expect(first).toMatch(/^\| `resume-1000` ¹ ² \| 40\.0 \| ≤ 4\.0 \| sessions\/s \| ≥ 10\.00 \|/);
    expect(second).toMatch(/\| 1\.50 \/ 120 ms +\|$/);
    expect(below).toEqual(['', `¹ ${cut}`, '² 2 rounds']);
  });
});

describe('the results of a run', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'waha-bench-test-'));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('hold every round of both sides, what failed, Node and the CPU', () => {
    const file = join(folder, 'run.json');
    const rounds = [
      { ours: 40, floor: 20 },
      { ours: 44, floor: 11 },
    ];
    const figures = [figureOf('resume-100', 40, 20, { rounds })];
    const failures = [{ row: 'group', error: 'a message was lost' }];
    writeResults(file, { machine: machine(), options: readOptions([]), figures, failures });
    const read = readResults(file);
    expect(read.figures).toMatchObject([{ rounds, ratio: 3, ours: 42, verdict: '' }]);
    expect(read.failures).toEqual(failures);
    expect(read.machine).toMatchObject({ node: process.version, cpu: expect.stringMatching(/./) });
  });

  it('of several runs are put together, the latest of a row for all', () => {
    const runs = [[figureOf('boot', 1, 1), figureOf('ping', 2, 2)], [figureOf('boot', 3, 3)]];
    expect(merged(runs).map(({ row, rounds }) => [row, rounds[0]?.ours])).toEqual([
      ['boot', 3],
      ['ping', 2],
    ]);
  });

  it('with 1 to 1,000 sessions are drawn: messages, memory and resume', () => {
    const figures = [1, 100, 500, 1000].flatMap((sessions) => [
      figureOf(`inbound-${sessions}`, 500, 1000 / sessions),
      figureOf(`inbound-${sessions}-own`, 500, 600),
      figureOf(`memory-${sessions}`, 300, 400),
      figureOf(`resume-${sessions}`, 50, 20, { floorAtMost: sessions === 1000 }),
      figureOf('websocket-1', 500, 900),
    ]);
    expect(writePlots(figures, folder)).toEqual(['inbound.svg', 'resume.svg', 'memory.svg']);
    const svg = readFileSync(join(folder, 'resume.svg'), 'utf8');
    for (const sessions of [1, 100, 500, 1000]) expect(svg).toContain(`>${sessions}</text>`);
    expect(svg.match(/<circle/g)).toHaveLength(8);
    expect(svg.match(/<circle [^>]*fill="#fff"/g)).toHaveLength(1);
  });
});

describe('the command line', () => {
  it('measures every row in five rounds, or a few in three', () => {
    expect(readOptions([])).toMatchObject({ quick: false, rounds: 5, sessions: 100, only: [], json: null });
    expect(readOptions(['--quick'])).toMatchObject({ quick: true, rounds: 3, sessions: 10 });
    expect(readOptions(['--only', 'boot,ping', '--only', 'link']).only).toEqual(['boot', 'ping', 'link']);
  });

  it('gives a slow floor three minutes, or as long as it is told to', () => {
    expect(readOptions([])).toMatchObject({ patienceMs: 180_000, markdown: false, report: false });
    expect(readOptions(['--patience', '60', '--markdown', '--report'])).toMatchObject({
      ...{ patienceMs: 60_000, markdown: true, report: true },
    });
  });

  it('refuses what it does not know', () => {
    expect(() => readOptions(['--round', '3'])).toThrow("Unknown option '--round'");
    expect(() => readOptions(['--rounds', 'many'])).toThrow('--rounds must be a whole number from 1');
  });
});
