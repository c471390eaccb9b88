import { type Log, sentence } from 'waha-runtime';

/** Baileys' logger interface. */
export interface SocketLog {
  readonly level: string;
  child(bindings: Record<string, unknown>): SocketLog;
  trace(fields: unknown, message?: string): void;
  debug(fields: unknown, message?: string): void;
  info(fields: unknown, message?: string): void;
  warn(fields: unknown, message?: string): void;
  error(fields: unknown, message?: string): void;
}

/**
 * Baileys' log in ours. Its lines carry frames, stanzas, credentials and keys, so only fields on this list come through;
 * its trace, which dumps every frame, never does. Without `debug` there are warnings and errors only, one level lower
 * than Baileys puts them: it calls an error what the next retry mends.
 */
const fieldsThatAreSafe = new Set(['msgId', 'id', 'code', 'reason', 'retryCount', 'count', 'attempt', 'msgAttrs']);
const errorFields = ['err', 'error', 'e', 'uploadError', 'ackErr'];

export const socketLog = (log: Log, debug: () => boolean): SocketLog => {
  const nothing = () => undefined;
  const at = (level: 'debug' | 'warn') => (fields: unknown, message?: string) => {
    if (typeof fields === 'string') log[level](fields);
    else log[level](safeFields(fields), message ?? 'baileys');
  };
  const self: SocketLog = {
    get level() {
      return debug() ? 'debug' : 'warn';
    },
    child: () => self,
    trace: nothing,
    debug: nothing,
    info: (fields, message) => debug() && at('debug')(fields, message),
    warn: at('debug'),
    error: (fields, message) => at(debug() ? 'warn' : 'debug')(fields, message),
  };
  return self;
};

/** Scalars that are on the list, and what errors say. */
export const safeFields = (fields: unknown): Record<string, unknown> => {
  const safe: Record<string, unknown> = { by: 'baileys' };
  if (typeof fields !== 'object' || fields === null) return safe;
  for (const [key, value] of Object.entries(fields)) {
    if (fieldsThatAreSafe.has(key) && typeof value !== 'object') safe[key] = value;
    else if (errorFields.includes(key)) safe['err'] = sentence(value);
  }
  return safe;
};
