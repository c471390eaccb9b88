import type { Log } from '../contracts/log.ts';

/** A line that was logged while a test ran. */
export interface LogLine {
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error';
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** A log that keeps its lines. */
export class RecordingLog implements Log {
  readonly level = 'trace';
  readonly lines: LogLine[];
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(fields: Readonly<Record<string, unknown>> = {}, lines: LogLine[] = []) {
    this.#fields = fields;
    this.lines = lines;
  }

  trace = this.#at('trace');
  debug = this.#at('debug');
  info = this.#at('info');
  warn = this.#at('warn');
  error = this.#at('error');

  child(fields: Record<string, unknown>): Log {
    return new RecordingLog({ ...this.#fields, ...fields }, this.lines);
  }

  #at(level: LogLine['level']) {
    return (fields: object | string, message = ''): void => {
      const line = typeof fields === 'string' ? { fields: {}, message: fields } : { fields, message };
      this.lines.push({ level, message: line.message, fields: { ...this.#fields, ...line.fields } });
    };
  }
}
