import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { publicSurface, reportFile } from './public-surface.ts';

it('exports what the report says (after a change on purpose: npm run surface)', { timeout: 120_000 }, async () => {
  expect(await publicSurface()).toBe(readFileSync(reportFile, 'utf8'));
});
