import { describe, expect, it } from 'vitest';
import { instantOf } from 'waha-runtime';

describe('a time that a client names', () => {
  it.each([
    ['2026-12-24T18:00:00Z', Date.UTC(2026, 11, 24, 18)],
    ['2026-12-24T18:00+05:30', Date.UTC(2026, 11, 24, 12, 30)],
    ['2026-12-24t18:00:00.250z', Date.UTC(2026, 11, 24, 18, 0, 0, 250)],
    ['2028-02-29T00:00:00Z', Date.UTC(2028, 1, 29)],
    [1_798_135_200, 1_798_135_200_000],
    ['1798135200', 1_798_135_200_000],
    [0, 0],
  ])('is read from %s', (value, at) => {
    expect(instantOf(value, 'sendAt')).toBe(at);
  });

  it.each([
    '2026-02-30T10:00:00Z',
    '2027-02-29T10:00:00Z',
    '2026-13-01T10:00:00Z',
    '2026-04-31T10:00:00+02:00',
    '2026-12-24T18:00:00',
    '2026-12-24T25:00:00Z',
    '2026-12-24',
    'tomorrow',
    '2026',
    '20261224',
    '',
    '2101-01-01T00:00:00Z',
    -1,
    1e300,
    Number.NaN,
  ])('is refused with its field when it is none: %s', (value) => {
    expect(() => instantOf(value, 'sendAt')).toThrow(/^sendAt must be a time with its zone/);
  });
});
