import { type ErrorCode, isRuntimeError } from '../../../core/errors.ts';
import { EgressFailure } from '../../../core/network/egress-failure.ts';

/** Runs a parser, and takes its refusals: what is the caller's fault, or `meant`. Anything else is thrown on. */
export const refusing = async (work: () => unknown, meant: ErrorCode = 'CONFIG_INVALID'): Promise<unknown> => {
  try {
    return await work();
  } catch (error) {
    const isRefusal = isRuntimeError(error) && (error.status < 500 || error.code === meant);
    if (isRefusal || error instanceof EgressFailure) return undefined;
    throw error;
  }
};

/** Throws when a parser does not keep its word. */
export const must = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(what);
};
