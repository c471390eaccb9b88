import type { Log } from '../contracts/log.ts';

/** Levels at which debug lines come out anyway. */
const verboseLevels = new Set(['trace', 'debug']);

/** A session's log. While `debug` says so, its own level is `debug`; everybody else's stays. */
export const sessionLog = (log: Log, fields: Record<string, unknown>, debug: () => boolean): Log => {
  const plain = log.child(fields);
  const verbose = verboseLevels.has(plain.level) ? plain : log.child(fields, { level: 'debug' });
  const now = (): Log => (debug() ? verbose : plain);
  const at =
    (level: 'trace' | 'debug' | 'info' | 'warn' | 'error') =>
    (first: object | string, message?: string): void =>
      now()[level](first, message);
  return {
    get level() {
      return now().level;
    },
    trace: at('trace'),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (more, options) =>
      options?.level === undefined ? sessionLog(log, { ...fields, ...more }, debug) : now().child(more, options),
  };
};
