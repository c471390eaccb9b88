import { signal } from '@preact/signals';

/** The time, once a second: for what counts down. */
export const now = signal(Date.now());

export const startClock = (): (() => void) => {
  const timer = setInterval(() => {
    if (!document.hidden) now.value = Date.now();
  }, 1_000);
  return () => clearInterval(timer);
};

const units: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
];
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always', style: 'short' });

/** `in 12 sec.`, `3 min. ago`. */
export const fromNow = (time: number, at: number): string => {
  const [unit, size] = units.find(([, length]) => Math.abs(time - at) >= length) ?? ['second', 1_000];
  return relative.format(Math.trunc((time - at) / size), unit);
};

const timeOnly = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const dayAndTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const shortTime = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const shortDay = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const longDay = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });

export const clockTime = (time: number): string => timeOnly.format(time);
export const fullTime = (time: number): string => dayAndTime.format(time);
export const minuteTime = (time: number): string => shortTime.format(time);
export const dayOf = (time: number): string => longDay.format(time);

/** The time of today, else the day. */
export const shortly = (time: number): string =>
  new Date(time).toDateString() === new Date().toDateString() ? shortTime.format(time) : shortDay.format(time);
