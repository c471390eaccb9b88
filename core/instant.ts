import { badRequest } from './errors.ts';

/** A date and a time of day with its zone, as RFC 3339 writes them. */
const WITH_ZONE = /^(\d{4})-(\d\d)-(\d\d)[Tt ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d\d:?\d\d)$/;

/** The year 2100, in ms. */
const LATEST = 4_102_444_800_000;

/**
 * The time that a client names, in ms since the epoch: a text such as `2026-12-24T18:00:00Z`, or seconds since the epoch, which
 * queries and forms say as a text. A date needs its zone, because the server's own is not the client's. Throws `BAD_REQUEST` with the name of the field for anything else,
 * days that the calendar does not have among them: JavaScript would take February 30 for March 2.
 */
export const instantOf = (value: string | number, field: string): number => {
  const isSeconds = typeof value === 'number' || /^\d{9,12}(?:\.\d{1,6})?$/.test(value);
  const at = isSeconds ? Number(value) * 1000 : isDay(value) ? Date.parse(value) : Number.NaN;
  if (!(at >= 0 && at <= LATEST))
    throw badRequest(`${field} must be a time with its zone, like 2026-12-24T18:00:00Z, or seconds since the epoch`);
  return Math.round(at);
};

const isDay = (text: string): boolean => {
  const [year, month, day] = WITH_ZONE.exec(text)?.slice(1).map(Number) ?? [];
  if (year === undefined || month === undefined || day === undefined) return false;
  return new Date(Date.UTC(year, month - 1, day)).getUTCDate() === day && month >= 1 && month <= 12;
};
