import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('../../../', import.meta.url);
const text = (path: string): string => readFileSync(new URL(path, root), 'utf8');

/** The rows of the tables in `docs/lifecycle.md` that end with tests: the problem, and the file and title of each test. */
const rows = [...text('docs/lifecycle.md').matchAll(/^\| (.+?) \| (.+?) \| (`[^`]+\.test\.ts`: .+) \|$/gm)].map(
  ([, problem = '', answer = '', tests = '']) => ({
    problem,
    answer,
    tests: tests.split('<br>').map((test) => /^`([^`]+)`: (.+)$/.exec(test)?.slice(1) ?? []),
  }),
);

/** Whether the file has a test of this title that nothing skips, neither itself nor a suite around it. */
const isRun = (source: string, title: string): boolean => {
  const at = source.indexOf(`'${title}'`);
  if (at === -1) return false;
  const opened =
    source
      .slice(0, at)
      .split('\n')
      .findLast((line) => /^ *(?:it|test)\b/.test(line)) ?? '';
  return (
    opened !== '' &&
    !/\.(?:skip|todo|only|skipIf|runIf|fails)\b/.test(opened) &&
    !/\b(?:describe|suite)\.(?:skip|skipIf|runIf|todo)\b/.test(source)
  );
};

describe('the cases of the lifecycle', () => {
  it('are told once each, with what the program does', () => {
    expect(rows.length).toBeGreaterThanOrEqual(55);
    expect(new Set(rows.map(({ problem }) => problem)).size).toBe(rows.length);
    for (const { answer } of rows) expect(answer).toMatch(/^[A-Z`].*\.$/);
  });

  it.each([
    ["it('holds', () => {", true],
    ["it.each([1])('holds', () => {", true],
    ["it.skip('holds', () => {", false],
    ["it.todo('holds');", false],
    ["describe.skipIf(!x)('all', () => {\n  it('holds', () => {", false],
    ["// 'holds'", false],
  ])('count a test only when it is run: %s', (source, counts) => {
    expect(isRun(source, 'holds')).toBe(counts);
  });

  it.each(rows)('have tests: $problem', ({ tests }) => {
    for (const [file = '', title = ''] of tests)
      expect([title, isRun(text(`test/${file}`), title)]).toEqual([title, true]);
  });
});
