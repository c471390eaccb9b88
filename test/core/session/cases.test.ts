import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('../../../', import.meta.url);
const text = (path: string): string => readFileSync(new URL(path, root), 'utf8');

/** Rows of `docs/lifecycle.md`: the case, the file, the title. */
const rows = [...text('docs/lifecycle.md').matchAll(/^\| (\d+) \| `([^`]+)`: (.+) \|$/gm)];

describe('the cases of the lifecycle', () => {
  it('are all there but those that need several machines', () => {
    const numbers = rows.map(([, number]) => Number(number));
    const missing = Array.from({ length: 57 }, (_, index) => index + 1).filter((number) => !numbers.includes(number));
    expect(missing).toEqual([45, 46]);
  });

  it.each(rows.map(([, number = '', file = '', title = '']) => ({ number, file, title })))(
    'have a test: row $number',
    ({ file, title }) => {
      expect(text(`test/${file}`)).toContain(`'${title}'`);
    },
  );
});
