import { describe, expect, it } from 'vitest';
import { readOptions } from './options.ts';
import { plot } from './report/plot.ts';
import { lineThrough, median, summarise } from './report/statistics.ts';
import { table, verdict } from './report/table.ts';
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

describe('the command line', () => {
  it('measures every row in five rounds, or a few in three', () => {
    expect(readOptions([])).toMatchObject({ quick: false, rounds: 5, sessions: 100, only: [], json: null });
    expect(readOptions(['--quick'])).toMatchObject({ quick: true, rounds: 3, sessions: 10 });
    expect(readOptions(['--only', 'boot,ping', '--only', 'link']).only).toEqual(['boot', 'ping', 'link']);
  });

  it('refuses what it does not know', () => {
    expect(() => readOptions(['--round', '3'])).toThrow("Unknown option '--round'");
    expect(() => readOptions(['--rounds', 'many'])).toThrow('--rounds must be a whole number from 1');
  });
});
