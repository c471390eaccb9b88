import type { Log } from '../../core/index.ts';

const nothing = (): void => undefined;

/** A log that says nothing. */
export const silentLog: Log = {
  level: 'silent',
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  child: () => silentLog,
};

/** A log that keeps its lines. */
export const recordingLog = (): Log & { lines: { level: string; fields: object; message: string }[] } => {
  const lines: { level: string; fields: object; message: string }[] = [];
  const at =
    (level: string) =>
    (fields: object | string, message?: string): void => {
      lines.push(
        typeof fields === 'string' ? { level, fields: {}, message: fields } : { level, fields, message: message ?? '' },
      );
    };
  const log = {
    lines,
    level: 'trace',
    trace: at('trace'),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => log,
  };
  return log;
};
