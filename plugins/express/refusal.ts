import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { isRuntimeError, type Log, payloadTooLarge, type RuntimeError } from 'waha-runtime';
import { sendJson } from './answer.ts';
import { pathOf } from './request-url.ts';

/** An error as the client gets it. */
export interface Refusal {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers a request with an error, and logs what is not the caller's fault. */
export type Refuse = (error: unknown, request: IncomingMessage, response: ServerResponse) => void;

/** Errors of Express and its body parser carry a status and a type. */
interface HttpFault {
  readonly status: number;
  readonly type?: string;
}

export const refuser =
  (log: Log, bodyLimit: string): Refuse =>
  (error, request, response) => {
    if (response.destroyed || response.headersSent) return abandon(error, request, response, log);
    const refusal = refusalOf(error, bodyLimit);
    if (refusal.status >= 500) report(error, request, refusal.status, log);
    sendJson(response, refusal.status, refusal.body, refusal.headers);
  };

/** Too late for an answer: the client left, or it has half of one. */
const abandon = (error: unknown, request: IncomingMessage, response: ServerResponse, log: Log): void => {
  const clientLeft = !response.headersSent || (error as NodeJS.ErrnoException)?.code === 'ERR_STREAM_PREMATURE_CLOSE';
  if (!clientLeft) log.error(fieldsOf(error, request, response.statusCode), 'answer broke off');
  response.destroy();
};

const report = (error: unknown, request: IncomingMessage, status: number, log: Log): void => {
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

/** The status and the body of API.md for anything that was thrown. */
export const refusalOf = (error: unknown, bodyLimit: string): Refusal => {
  if (isRuntimeError(error)) return runtimeRefusal(error);
  if (!isHttpFault(error)) return serverFault;
  if (error.type === 'entity.too.large') return runtimeRefusal(payloadTooLarge(bodyLimit));
  const told = faultSentences[error.type ?? ''] ?? STATUS_CODES[error.status] ?? 'refused';
  return error.status === 400 ? badRequestRefusal([told]) : { status: error.status, body: shape(error.status, told) };
};

/** Says nothing of what went wrong: that is for the log. */
export const serverFault: Refusal = {
  status: 500,
  body: { message: 'Internal server error', error: 'Internal Server Error', statusCode: 500 },
};

const faultSentences: Readonly<Record<string, string>> = {
  'entity.parse.failed': 'the body is not a valid JSON object',
  'encoding.unsupported': 'the Content-Encoding of the body is not supported',
  'charset.unsupported': 'the charset of the body is not supported',
  'request.size.invalid': 'the body is shorter or longer than its Content-Length',
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
