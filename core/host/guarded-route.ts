import { createHash } from 'node:crypto';
import type { CircuitBreaker } from '../circuit-breaker.ts';
import type { Clock } from '../contracts/clock.ts';
import type { Route, RouteRequest } from '../contracts/http.ts';
import { withDeadline } from '../deadline.ts';
import { isRuntimeError, unavailable } from '../errors.ts';

/** How long a route may take until it answers (ms); a stream may go on longer. */
const routeLimit = 120_000;

/** A route that answers 503 while it is suspended and when it hangs. Refusals are answers, not failures. */
export const guardRoute = (
  route: Route,
  { clock, breaker }: { readonly clock: Clock; readonly breaker: CircuitBreaker },
): Route => {
  const judge = judgeOf(breaker);
  const inTime = async (
    work: PromiseLike<unknown>,
    request: RouteRequest<unknown, unknown, unknown>,
  ): Promise<unknown> => {
    let hung = false;
    try {
      const answer = await withDeadline(Promise.resolve(work), routeLimit, clock, () => {
        hung = true;
        return unavailable(`${breaker.name} did not answer within ${routeLimit} ms`);
      });
      breaker.succeed();
      return answer;
    } catch (error) {
      if (hung) breaker.fail(error);
      else judge(error, request);
      throw error;
    }
  };
  const handle = (request: RouteRequest<unknown, unknown, unknown>): unknown => {
    if (breaker.skips()) throw unavailable(`${breaker.name} is suspended because it keeps failing`, 10);
    let answer: unknown;
    try {
      answer = route.handle(request);
    } catch (error) {
      judge(error, request);
      throw error;
    }
    if (isThenable(answer)) return inTime(answer, request);
    breaker.succeed();
    return answer;
  };
  return { ...route, handle };
};

type Judge = (error: unknown, request: RouteRequest<unknown, unknown, unknown>) => void;

/** Tells the plugin's own failures from refusals, from callers that left, and from one request that comes again. */
const judgeOf = (breaker: CircuitBreaker): Judge => {
  let lastFailed: string | undefined;
  return (error, request) => {
    const refusal = isRuntimeError(error) && error.code !== 'INTERNAL' && error.code !== 'PLUGIN_FAILED';
    if (refusal || request.signal?.aborted) {
      breaker.succeed();
      return;
    }
    const input = inputOf(request);
    // The same request again proves nothing about the others.
    const isRepeated = input !== undefined && input === lastFailed;
    lastFailed = input;
    if (!isRepeated) breaker.fail(error);
  };
};

/** What a request says, in short; undefined when it says nothing, and so has no part in a failure. */
const inputOf = ({ params, query, body, file }: RouteRequest<unknown, unknown, unknown>): string | undefined => {
  const parts = [params, query, body].filter((part) => Object.keys(part ?? {}).length > 0);
  if (parts.length === 0 && !file) return undefined;
  return createHash('sha256')
    .update(JSON.stringify([params, query, body, file?.sha256]))
    .digest('base64');
};

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
