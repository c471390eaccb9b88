import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonPieces } from '../../../core/http/json-pieces.ts';

const many = <T>(item: T, count = 20): T[] => Array.from({ length: count }, () => item);
const written = (value: unknown): string => [...jsonPieces(value)].join('');

describe('jsonPieces', () => {
  it('writes what JSON.stringify writes, whatever the value', () => {
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        fc.jsonValue(),
        fc.constantFrom(undefined, Number.NaN, new Date(0), () => 1, '\ud800', '"\u2028'),
        fc.array(tie('any'), { maxLength: 40 }),
        fc.dictionary(fc.string(), tie('any'), { maxKeys: 40 }),
      ),
    })).any;
    fc.assert(
      fc.property(value, (one) => {
        expect(written(one)).toBe(JSON.stringify(one) ?? 'null');
      }),
    );
  });

  it.each([
    ['a list', many('x'.repeat(1_000), 2_000)],
    ['a list in a page', { deliveries: many({ text: 'x'.repeat(1_000) }, 2_000), next: null }],
    ['an object with many entries', Object.fromEntries(many('x'.repeat(1_000), 2_000).map((text, at) => [at, text]))],
    ['few entries with long lists', { groups: many({ participants: many('x'.repeat(1_000), 500) }, 4) }],
  ])('writes %s in pieces that are short', (_, value) => {
    const pieces = [...jsonPieces(value)];
    expect(pieces.length).toBeGreaterThan(5);
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(300_000);
    expect(pieces.join('')).toBe(JSON.stringify(value));
  });

  it('leaves out what has no JSON, as JSON.stringify does', () => {
    const value = { ...Object.fromEntries(many(0).map((_, at) => [`k${at}`, at])), a: undefined, b: () => 1 };
    expect(written(value)).toBe(JSON.stringify(value));
    expect(written(many(undefined))).toBe(JSON.stringify(many(undefined)));
  });
});
