import { type EventSelector, eventNames } from '../contracts/event-names.ts';
import { didYouMean } from './validate.ts';

/** The first of these that is neither an event's name nor `*`, as `'mesage', which is no event; did you mean 'message'?`. */
export const unknownEvent = (selectors: readonly EventSelector[]): string | null => {
  const known: readonly unknown[] = ['*', ...eventNames];
  const [unknown] = selectors.filter((selector) => !known.includes(selector)).map((selector) => ({ selector }));
  if (!unknown) return null;
  const name = String(unknown.selector);
  return `${typeof unknown.selector === 'string' ? `'${name}'` : name}, which is no event${didYouMean(name, eventNames)}`;
};
