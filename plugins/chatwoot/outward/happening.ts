/** An event that somebody planned in WhatsApp, as Chatwoot shows it. */
export interface Happening {
  readonly name: string;
  readonly description: string;
  /** In words. */
  readonly start: string;
  readonly end: string;
  readonly joinLink: string;
  readonly isCanceled: boolean;
}

/** Reads the content of an `eventMessage`. Its times are seconds since the epoch, of which 64-bit numbers may come as texts. */
export const happeningOf = (content: Readonly<Record<string, unknown>>, locale: string): Happening => {
  const text = (name: string) => (typeof content[name] === 'string' ? content[name] : '');
  return {
    ...{ name: text('name'), description: text('description'), joinLink: text('joinLink') },
    ...{ start: timeIn(content['startTime'], locale), end: timeIn(content['endTime'], locale) },
    isCanceled: content['isCanceled'] === true,
  };
};

/** Nobody knows the time zone of those who read it: UTC, and it says so. Empty for no time. */
const timeIn = (seconds: unknown, locale: string): string => {
  const at = Number(seconds ?? 0) * 1000;
  if (!(at > 0 && at < 8.64e15)) return '';
  return new Intl.DateTimeFormat(locale, {
    ...{ year: 'numeric', month: 'long', day: 'numeric', weekday: 'long' },
    ...{ hour: '2-digit', minute: '2-digit', timeZone: 'UTC', timeZoneName: 'short' },
  }).format(at);
};
