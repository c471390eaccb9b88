/** The date and the minute of the day somewhere. */
export interface LocalTime {
  /** `2026-11-29`. */
  readonly date: string;
  /** Since midnight. */
  readonly minute: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

const formatOf = (timeZone: string): Intl.DateTimeFormat => {
  const known = formats.get(timeZone);
  if (known) return known;
  const format = new Intl.DateTimeFormat('en-CA', {
    ...{ timeZone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit' },
    ...{ hour: '2-digit', minute: '2-digit' },
  });
  formats.set(timeZone, format);
  return format;
};

export const localTime = (now: number, timeZone: string): LocalTime => {
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(now)
      .map(({ type, value }) => [type, value]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes): string => parts.get(name) ?? '00';
  const minute = Number(part('hour')) * 60 + Number(part('minute'));
  return { date: `${part('year')}-${part('month')}-${part('day')}`, minute };
};

const DAY = 24 * 60;

/** Minutes of `08:30` since midnight. */
export const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

/** Whether a minute is in a span that may go over midnight; one that ends where it begins is the whole day. */
export const isWithin = (minute: number, from: number, to: number): boolean =>
  from < to ? minute >= from && minute < to : minute >= from || minute < to;

/** When the clock next shows this minute (ms since the epoch); off by an hour over a change of the clocks. */
export const nextAt = (now: number, minute: number, wanted: number): number => {
  const start = Math.floor(now / 60_000) * 60_000;
  return start + ((wanted - minute + DAY - 1) % DAY) * 60_000 + 60_000;
};

/** Days from one date to the other. */
export const daysBetween = (from: string, to: string): number =>
  Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);
