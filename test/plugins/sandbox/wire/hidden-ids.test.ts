import { describe, expect, it } from 'vitest';
import { hiddenIdOf, numberBehind } from '../../../../plugins/sandbox/wire/hidden-ids.ts';
import { lidJid, parseJid } from '../../../../plugins/sandbox/wire/jids.ts';

describe('a hidden id', () => {
  const numbers = ['10000', '4915200000001', '5511999990001', '999999999999999', '012345', '5511999990002'];

  it.each(numbers)('leads back to its number: %s', (number) => {
    expect(numberBehind(hiddenIdOf(number))).toBe(number);
    expect(parseJid(lidJid(number, 3))).toEqual({ number, device: 3, kind: 'lid' });
  });

  it('has nothing of the number in it, and neighbours have distant ones', () => {
    const hidden = Array.from({ length: 500 }, (_, at) => hiddenIdOf(String(5511999990000 + at)));
    expect(new Set(hidden).size).toBe(500);
    expect(hidden.filter((one) => one.includes('55119999') || /\D/.test(one) || one.length > 16)).toEqual([]);
    const sorted = hidden.map(Number).sort((one, other) => one - other);
    expect(Math.min(...sorted.slice(1).map((one, at) => one - (sorted[at] ?? 0)))).toBeGreaterThan(1000);
  });

  it.each(['', 'abc', '99999999999999999', '-1'])('is none of: %s', (text) => {
    expect(numberBehind(text)).toBeUndefined();
  });
});
