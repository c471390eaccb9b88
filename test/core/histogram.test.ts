import { describe, expect, it } from 'vitest';
import { Histogram } from '../../core/index.ts';

describe('a histogram', () => {
  it('counts a value in the smallest bound that holds it, and in all above', () => {
    const histogram = new Histogram([1, 10]);
    for (const value of [0, 1, 2, 10, 11]) histogram.observe(value);
    expect(histogram.buckets).toEqual({ bounds: [1, 10], counts: [2, 4, 5], sum: 24 });
  });

  it('has its buckets before the first value, too', () => {
    expect(new Histogram([1]).buckets).toEqual({ bounds: [1], counts: [0, 0], sum: 0 });
  });
});
