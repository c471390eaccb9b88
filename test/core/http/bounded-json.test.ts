import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson, requestLimits } from '../../../core/config/bounded-json.ts';
import { propertyRuns } from '../../support/property-runs.ts';

const read = (text: string) => parseJson(text, 'the body');
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

describe('a JSON text', () => {
  it('is read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(read(text)).toEqual(JSON.parse(text));
      }),
      propertyRuns(300),
    );
  });

  it.each([
    ['too many levels', nested(requestLimits.depth + 1), 'is nested more than 64 levels deep'],
    ['far too many levels', nested(3_000_000), 'is nested more than 64 levels deep'],
    ['levels without an end', '{"a":'.repeat(3000), 'is nested more than 64 levels deep'],
    ['too many items', `[${'0,'.repeat(requestLimits.values)}0]`, 'has more than 20000 values'],
    ['too many empty objects', `[${'{},'.repeat(14_000_000)}{}]`, 'has more than 20000 values'],
    ['too many members', `{${'"a":0,'.repeat(requestLimits.values)}"a":0}`, 'has more than 20000 values'],
    ['too many escaped quotes', `{"a":"${'\\"'.repeat(24_000_000)}"}`, 'has more than 500000 escaped quotes'],
    ['too much space', `{${' '.repeat(48_000_000)}}`, 'has more than 2000000 signs outside of its texts'],
    ['a number without an end', `[${'1'.repeat(48_000_000)}]`, 'has more than 2000000 signs outside of its texts'],
    ['a text that is no JSON', 'a'.repeat(48_000_000), 'has more than 2000000 signs outside of its texts'],
    ['too many escapes', `{"a":"${'\\n'.repeat(24_000_000)}"}`, 'has more than 2000000 backslashes'],
    ['no JSON', '{"a":', 'is not valid JSON'],
    ['an open string', '{"a":"[[[[{{{{,,,,', 'is not valid JSON'],
  ])('with %s is refused', (_, text, fault) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ status: 400, message: `the body ${fault}` }));
  });

  it('may have brackets, commas and quotes in its strings', () => {
    const text = JSON.stringify({ text: '[{"\\,'.repeat(30_000) });
    expect(read(text)).toEqual(JSON.parse(text));
  });

  it('ends its strings where JSON says, however many backslashes there are', () => {
    for (let count = 0; count < 9; count++) {
      const text = `{"a":"${'\\'.repeat(count)}","b":[["]]"]]}`;
      if (count % 2 === 0) expect(read(text)).toEqual(JSON.parse(text));
      else expect(() => read(text)).toThrow('is not valid JSON');
    }
  });

  it('may be as deep and as long as the limits say', () => {
    expect(() => read(nested(requestLimits.depth))).not.toThrow();
    expect(() => read(`[${'0,'.repeat(requestLimits.values - 10)}0]`)).not.toThrow();
  });
});
