import type { IncomingMessage } from 'node:http';
import { parse } from 'qs';
import { badRequest } from '../errors.ts';

/** Also the type that `curl -d` and other tools give JSON when nobody names one. */
export const isTextForm = (request: IncomingMessage): boolean =>
  request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;

/** A form without files: nested names as browsers' libraries write them, `file[url]=…`, `options[]=…`. */
export const readTextForm = (text: string): unknown => {
  try {
    return parse(text, { depth: 8, parameterLimit: 1000, throwOnLimitExceeded: true, arrayLimit: 1000 });
  } catch {
    throw badRequest('the form has more than 1000 fields');
  }
};

/** Whether a text is JSON, whatever its type says. */
export const looksLikeJson = (text: string): boolean => /^\s*[[{]/.test(text);
