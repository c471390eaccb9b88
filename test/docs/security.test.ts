import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../support/built-package.ts';

const page = readFileSync(join(root, 'docs/security.md'), 'utf8');
const testsIn = (text: string): string[] => [...text.matchAll(/`(test\/[^`]{1,200})`/g)].map(([, path = '']) => path);

/** The lines of the table of who may what: who, may, may not, proved by. */
const lines = page
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| who'))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, who, may, mayNot = '', proof = '']) => ({ who, may, mayNot, proof }));

/** Whether a path is a file of tests, or a folder that has some. */
const hasTests = (path: string): boolean => {
  const whole = join(root, path);
  if (!existsSync(whole)) return false;
  if (statSync(whole).isFile()) return path.endsWith('.test.ts');
  return readdirSync(whole, { recursive: true }).some((name) => String(name).endsWith('.test.ts'));
};

describe('the page about security', () => {
  it('names tests that are there', () => {
    const named = testsIn(page);
    expect(named.length).toBeGreaterThan(15);
    expect(named.filter((path) => !hasTests(path))).toEqual([]);
  });

  it('says for everything that somebody may not do which test proves it', () => {
    expect(lines.length).toBeGreaterThan(8);
    expect(lines.filter(({ mayNot, proof }) => mayNot !== '' && testsIn(proof).length === 0)).toEqual([]);
  });
});
