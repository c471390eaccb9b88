import { expect, it } from 'vitest';
import { fuzz } from './fuzz.ts';

it('generated requests get declared answers, and the server goes on', { timeout: 400_000 }, async () => {
  // Far more than one request may take: what is looked for are seconds, and the machine does other things, too.
  const report = await fuzz({ count: 300, seed: 1, pingLimitMs: 10_000, blockLimitMs: 2_000 });
  expect(report.findings).toEqual([]);
  expect(report.crashes).toBe(0);
  expect(report.requests).toBeGreaterThanOrEqual(300);
  expect(report.operations).toBeGreaterThan(100);
  expect(Object.keys(report.statuses)).toEqual(expect.arrayContaining(['200', '201', '400', '404']));
});
