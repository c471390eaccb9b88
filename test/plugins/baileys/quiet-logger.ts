/** What Baileys logs to where a test is not about its log. */
export const quietLogger = {
  level: 'silent',
  child: () => quietLogger,
  trace() {},
  debug() {},
  info() {},
  warn() {},
  error() {},
} as never;
