import { tooManyRequests } from '../errors.ts';

/** So many restarts within `restartWindow` are still fine. */
const restartLimit = 10;
/** Milliseconds. */
const restartWindow = 60_000;

/** Keeps a client that restarts a session again and again from keeping it down. One per session. */
export class RestartLimit {
  #times: readonly number[] = [];

  /** Counts a restart. Throws `TOO_MANY_REQUESTS` that says when the next one is taken. */
  count(session: string, now: number): void {
    const recent = this.#times.filter((at) => at > now - restartWindow);
    const [oldest = now] = recent;
    if (recent.length >= restartLimit) {
      const seconds = Math.max(1, Math.ceil((oldest + restartWindow - now) / 1000));
      throw tooManyRequests(`session '${session}' was restarted ${recent.length} times in a minute`, seconds);
    }
    this.#times = [...recent, now];
  }
}
