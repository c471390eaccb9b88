import { createRequire } from 'node:module';
import { type LoggerOptions, pino } from 'pino';
import type { Log } from './contracts/log.ts';
import { currentTrace } from './stray-errors.ts';

export interface LogOptions {
  readonly level: string;
  readonly format: 'pretty' | 'json';
}

/** Keys whose values never reach a line, at the first three levels of what is logged. */
const secretKeys = [
  'apiKey',
  'authorization',
  'creds',
  'credentials',
  'hmac',
  'key',
  'noiseKey',
  'password',
  'privKey',
  'private',
  'qr',
  'secret',
  'token',
];
const redactedPaths = secretKeys.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]);

const require = createRequire(import.meta.url);

/** The program's log, on standard output: lines for people, or JSON for machines, which need no more than pino. */
export const createLog = ({ level, format }: LogOptions): Log => {
  const redact = { paths: redactedPaths, censor: '[secret]' };
  const options: LoggerOptions = { level, base: null, redact, mixin: traceField };
  if (format === 'json') return pino(options);
  const pretty = require('pino-pretty') as typeof import('pino-pretty');
  return pino(
    options,
    pretty({
      colorize: process.stdout.isTTY,
      ignore: 'traceId,plugin,session,sink,method,path,status,reason,ms',
      messageFormat,
      sync: true,
    }),
  );
};

/** Lines that a request causes name its trace. */
const traceField = (): object => {
  const trace = currentTrace();
  return trace ? { traceId: trace.traceId } : {};
};

const messageFormat = (line: Record<string, unknown>, messageKey: string): string => {
  const origin = [line['plugin'], line['session']].filter((part) => typeof part === 'string').join('/');
  return `${origin ? `[${origin}] ` : ''}${String(line[messageKey] ?? '')}`;
};
