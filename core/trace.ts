import { randomBytes } from 'node:crypto';

/** Where a request stands among the requests of other programs (W3C Trace Context). */
export interface Trace {
  /** 32 hex digits: the same for everything that one cause has. */
  readonly traceId: string;
  /** What is sent on: the trace, and this program's own part in it. */
  readonly traceparent: string;
}

/** Version, trace, parent and flags; later versions may have more behind them. */
const form = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.{0,256})?$/;

/** The trace that a header `traceparent` names. A header that is not there, or that breaks the standard, begins a new one. */
export const traceFrom = (header: unknown): Trace => {
  const [, version = 'ff', traceId = '', parent = '', flags = '00', more] =
    typeof header === 'string' ? (form.exec(header) ?? []) : [];
  const isValid = version !== 'ff' && !isZero(traceId) && !isZero(parent) && (version !== '00' || more === undefined);
  return isValid ? traceOf(traceId, flags) : traceOf(randomBytes(16).toString('hex'), '00');
};

const traceOf = (traceId: string, flags: string): Trace => ({
  traceId,
  traceparent: `00-${traceId}-${newSpan()}-${flags}`,
});

/** The next part of a trace: the same one, with an id of its own. */
export const continued = (traceparent: string): string =>
  `${traceparent.slice(0, 36)}${newSpan()}${traceparent.slice(52)}`;

/** The trace of an event that no request caused: always the same for one event. */
export const traceOfEvent = (eventId: string): string =>
  `00-${Buffer.from(eventId.slice(-16).padStart(16, '0'), 'latin1').toString('hex')}-${newSpan()}-00`;

const newSpan = (): string => randomBytes(8).toString('hex');

const isZero = (digits: string): boolean => /^0*$/.test(digits);
