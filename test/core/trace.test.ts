import { describe, expect, it } from 'vitest';
import { continued, traceFrom, traceOfEvent } from '../../core/trace.ts';

const id = '4bf92f3577b34da6a3ce929d0e0e4736';
const valid = `00-${id}-00f067aa0ba902b7-01`;

describe('a header traceparent', () => {
  it('is gone on with under an id of its own', () => {
    const { traceId, traceparent } = traceFrom(valid);
    expect(traceId).toBe(id);
    expect(traceparent).toMatch(new RegExp(`^00-${id}-[0-9a-f]{16}-01$`));
    expect(traceparent).not.toBe(valid);
    const next = continued(traceparent);
    expect(next).toMatch(new RegExp(`^00-${id}-[0-9a-f]{16}-01$`));
    expect(next).not.toBe(traceparent);
  });

  it('of a later version is read as far as it is known', () => {
    expect(traceFrom(`cc-${id}-00f067aa0ba902b7-01-what-the-future-holds`).traceId).toBe(id);
  });

  it.each([
    undefined,
    '',
    'nonsense',
    `ff-${id}-00f067aa0ba902b7-01`,
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `00-${id}-${'0'.repeat(16)}-01`,
    `00-${id.toUpperCase()}-00f067aa0ba902b7-01`,
    `${valid}-more`,
    `${valid}, ${valid}`,
    [valid],
  ])('that breaks the standard begins a new trace: %s', (header) => {
    const { traceId, traceparent } = traceFrom(header);
    expect(traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    expect(traceId).not.toBe(id);
    expect(traceFrom(header).traceId).not.toBe(traceId);
  });
});

describe('an event that no request caused', () => {
  it('has the same trace whenever it is told of', () => {
    const event = 'evt_01jp1z7k9wq0e3v4x5y6z7a8b9';
    expect(traceOfEvent(event)).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    expect(traceOfEvent(event).slice(0, 35)).toBe(traceOfEvent(event).slice(0, 35));
    expect(traceFrom(traceOfEvent(event)).traceId).toBe(traceOfEvent(event).slice(3, 35));
  });
});
