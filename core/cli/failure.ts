import { isRuntimeError, sentence } from '../errors.ts';

/** 2 when the user's config is at fault, 1 when the run is. */
export const exitCodeOf = (error: unknown): 1 | 2 => (isRuntimeError(error, 'CONFIG_INVALID') ? 2 : 1);

/** One line per fault on standard error; with `debug` also the stack and every cause. */
export const printError = (error: unknown, debug: boolean): void => {
  for (const line of sentence(error).split('\n')) console.error(line);
  if (debug) console.error(error);
};
