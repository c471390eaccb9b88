/** A logger in pino's shape. Objects first, then a sentence. Secrets are redacted by path, but do not pass any. */
export interface Log {
  readonly level: string;
  trace(fields: object | string, message?: string): void;
  debug(fields: object | string, message?: string): void;
  info(fields: object | string, message?: string): void;
  warn(fields: object | string, message?: string): void;
  error(fields: object | string, message?: string): void;
  /** A logger that adds these fields to every line; `level` raises or lowers it alone. */
  child(fields: Record<string, unknown>, options?: { level?: string }): Log;
}
