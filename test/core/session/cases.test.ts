import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('../../../', import.meta.url);
const text = (path: string): string => readFileSync(new URL(path, root), 'utf8');

/** Rows of `docs/lifecycle.md`: the case, the file, the title. */
const rows = [...text('docs/lifecycle.md').matchAll(/^\| (\d+) \| `([^`]+)`: (.+) \|$/gm)];

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
  it('are all there but those that need several machines', () => {
    const numbers = rows.map(([, number]) => Number(number));
    const missing = Array.from({ length: 57 }, (_, index) => index + 1).filter((number) => !numbers.includes(number));
    expect(missing).toEqual([45, 46]);
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

  it.each(rows.map(([, number = '', file = '', title = '']) => ({ number, file, title })))(
    'have a test: row $number',
    ({ file, title }) => {
      expect(isRun(text(`test/${file}`), title)).toBe(true);
    },
  );
});
