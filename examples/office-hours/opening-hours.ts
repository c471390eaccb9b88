export interface OpeningHours {
  readonly timeZone: string;
  /** Whole hours; open from this one on and until that one, Monday to Friday. */
  readonly opens: number;
  readonly closes: number;
}

/** Whether somebody is there at this moment. */
export const isOpen = (moment: Date, { timeZone, opens, closes }: OpeningHours): boolean => {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'short', hour: 'numeric', hourCycle: 'h23' });
  const parts = new Map(format.formatToParts(moment).map(({ type, value }) => [type, value]));
  const hour = Number(parts.get('hour'));
  const isWeekend = parts.get('weekday') === 'Sat' || parts.get('weekday') === 'Sun';
  return !isWeekend && hour >= opens && hour < closes;
};
