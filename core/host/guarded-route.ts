import type { Clock } from '../contracts/clock.ts';
import type { Route } from '../contracts/http.ts';
import { withDeadline } from '../deadline.ts';
import { isRuntimeError, unavailable } from '../errors.ts';
import type { Fuse } from '../fuse.ts';

/** How long a route may take until it answers (ms); a stream may go on longer. */
const routeLimit = 120_000;

/** A route that answers 503 while it is suspended and when it hangs. Refusals are answers, not failures. */
export const guardRoute = (route: Route, { clock, fuse }: { readonly clock: Clock; readonly fuse: Fuse }): Route => {
  const judge = (error: unknown, aborted: boolean): void => {
    const refusal = isRuntimeError(error) && error.code !== 'INTERNAL' && error.code !== 'PLUGIN_FAILED';
    if (refusal || aborted) fuse.succeed();
    else fuse.fail(error);
  };
  return {
    ...route,
    async handle(request) {
      if (fuse.skips()) throw unavailable(`${fuse.name} is suspended because it keeps failing`, 10);
      const late = () => unavailable(`${fuse.name} did not answer within ${routeLimit} ms`);
      let hung = false;
      try {
        const work = (async () => route.handle(request))();
        const answer = await withDeadline(work, routeLimit, clock, () => {
          hung = true;
          return late();
        });
        fuse.succeed();
        return answer;
      } catch (error) {
        if (hung) fuse.fail(error);
        else judge(error, request.signal?.aborted ?? false);
        throw error;
      }
    },
  };
};
