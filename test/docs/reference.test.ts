import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pages } from './reference.ts';

describe('the reference pages', () => {
  it.each(Object.entries(pages).map(([file, page]) => ({ name: basename(file), file, page })))(
    '$name is what the schemas say (after a change of one: npm run docs)',
    async ({ file, page }) => {
      expect(readFileSync(file, 'utf8')).toBe(await page());
    },
  );
});
