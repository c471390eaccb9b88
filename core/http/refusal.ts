import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Log } from '../contracts/log.ts';
import { isRuntimeError, type RuntimeError } from '../errors.ts';
import { sendJson } from './answer.ts';
import { pathOf } from './request-url.ts';

/** Where refusals that are not the caller's fault are told. */
type Lines = Pick<Log, 'warn' | 'error'>;

/** An error as the client gets it. */
export interface Refusal {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers a request with an error, and logs what is not the caller's fault. */
export type Refuse = (error: unknown, request: IncomingMessage, response: ServerResponse) => void;

/** Errors of Express carry a status. */
interface HttpFault {
  readonly status: number;
}

/** Makes the function that answers with an error; what is not the caller's fault becomes a line in the log. */
export const refuser =
  (log: Lines): Refuse =>
  (error, request, response) => {
    if (response.destroyed || response.headersSent) return abandon(error, request, response, log);
    const refusal = refusalOf(error);
    if (refusal.status >= 500) report(error, request, refusal.status, log);
    sendJson(response, refusal.status, refusal.body, refusal.headers);
  };

/** Too late for an answer: the client left, or it has half of one. */
const abandon = (error: unknown, request: IncomingMessage, response: ServerResponse, log: Lines): void => {
  const clientLeft = !response.headersSent || (error as NodeJS.ErrnoException)?.code === 'ERR_STREAM_PREMATURE_CLOSE';
  if (!clientLeft) log.error(fieldsOf(error, request, response.statusCode), 'answer broke off');
  response.destroy();
};

const report = (error: unknown, request: IncomingMessage, status: number, log: Lines): void => {
  const fields = fieldsOf(error, request, status);
  if (status === 503) log.warn(fields, 'request refused');
  else log.error(fields, 'request failed');
};

const fieldsOf = (error: unknown, request: IncomingMessage, status: number) => ({
  method: request.method,
  path: pathOf(request),
  status,
  err: error,
});

/** The status and the body for anything that was thrown. */
export const refusalOf = (error: unknown): Refusal => {
  if (isRuntimeError(error)) return runtimeRefusal(error);
  if (error instanceof URIError) return badRequestRefusal(['the path cannot be decoded']);
  if (!isHttpFault(error)) return serverFault;
  const told = STATUS_CODES[error.status] ?? 'refused';
  return error.status === 400 ? badRequestRefusal([told]) : { status: error.status, body: shape(error.status, told) };
};

/** Says nothing of what went wrong: that is for the log. */
export const serverFault: Refusal = {
  status: 500,
  body: { message: 'Internal server error', error: 'Internal Server Error', statusCode: 500 },
};

const isHttpFault = (error: unknown): error is HttpFault =>
  error instanceof Error &&
  'status' in error &&
  typeof error.status === 'number' &&
  error.status >= 400 &&
  error.status < 500;

const runtimeRefusal = (error: RuntimeError): Refusal => {
  const { status, message } = error;
  const { body, violations, retryAfterSeconds } = error.details;
  if (status === 400) return badRequestRefusal(violations ?? [message]);
  if (status === 401) return { status, body: { message: 'Unauthorized', statusCode: 401 } };
  // A body that names its own `error` is the whole answer; any other adds to the usual one.
  const whole = body && 'error' in body ? body : { ...shape(status, message), ...body };
  if (retryAfterSeconds === undefined) return { status, body: whole };
  return { status, body: whole, headers: { 'retry-after': String(Math.max(1, Math.ceil(retryAfterSeconds))) } };
};

const badRequestRefusal = (message: readonly string[]): Refusal => ({
  status: 400,
  body: { statusCode: 400, error: 'Bad Request', message },
});

const shape = (status: number, message: string) => ({
  message,
  error: STATUS_CODES[status] ?? 'Error',
  statusCode: status,
});
