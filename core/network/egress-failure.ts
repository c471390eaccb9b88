import { type EgressError, type EgressFault, egressBrand } from '../contracts/network.ts';

/** The mechanism behind `EgressError`. It keeps no cause: causes name addresses. */
export class EgressFailure extends Error implements EgressError {
  readonly fault: EgressFault;

  constructor(fault: EgressFault, message: string) {
    super(message);
    this.name = 'EgressError';
    this.fault = fault;
    Object.defineProperty(this, egressBrand, { value: true });
  }
}

const unreachable: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there; is the receiver running?',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'the host did not answer in time',
  UND_ERR_CONNECT_TIMEOUT: 'the host did not answer in time',
};
const unsendable = new Set(['UND_ERR_INVALID_ARG', 'UND_ERR_NOT_SUPPORTED', 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH']);
const closing = new Set(['UND_ERR_DESTROYED', 'UND_ERR_CLOSED', 'UND_ERR_ABORTED']);
const resets = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);
const tlsCode =
  /^(?:ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_(?:CA|PURPOSE)|EPROTO)/;

const codeOf = (error: unknown): string => {
  const inner = error instanceof AggregateError ? error.errors[0] : error;
  const code = inner instanceof Error && 'code' in inner ? inner.code : undefined;
  return typeof code === 'string' ? code : '';
};

/** True for the errors of a connection that was cut rather than never made. */
export const isReset = (error: unknown): boolean => resets.has(codeOf(error));

/** What undici or Node threw, in our words. `host` is as the user wrote it. */
export const egressFailure = (error: unknown, host: string): EgressFailure => {
  if (error instanceof EgressFailure) return error;
  const code = codeOf(error);
  const why = unreachable[code];
  if (why !== undefined) return new EgressFailure('connect', `no connection to '${host}': ${why}`);
  if (resets.has(code)) return new EgressFailure('reset', `'${host}' closed the connection before it answered`);
  if (unsendable.has(code))
    return new EgressFailure('refused', `the request to '${host}' has a header that HTTP forbids`);
  if (closing.has(code)) return new EgressFailure('aborted', `the request to '${host}' was given up`);
  if (tlsCode.test(code)) return new EgressFailure('tls', tlsAdvice(code, host));
  if ((error instanceof Error && error.name === 'HTTPParserError') || code.startsWith('UND_ERR_')) {
    return new EgressFailure('bad_answer', `the answer of '${host}' is not valid HTTP`);
  }
  return new EgressFailure('connect', `the request to '${host}' failed${code === '' ? '' : ` (${code})`}`);
};

const tlsAdvice = (code: string, host: string): string =>
  code === 'EPROTO' || code.startsWith('ERR_SSL_')
    ? `'${host}' does not speak TLS there (${code}); is it an http: URL?`
    : `the certificate of '${host}' is not accepted (${code}); if you trust it, turn the check off for this endpoint`;
