import type { SessionStatus } from './contracts/session.ts';

/** Every error code with the HTTP status it is answered with. */
export const errorStatuses = {
  BAD_REQUEST: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  SESSION_NOT_FOUND: 404,
  CONFLICT: 409,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  SESSION_EXISTS: 422,
  SESSION_STATUS: 422,
  NOT_IMPLEMENTED_BY_ENGINE: 422,
  WHATSAPP_REFUSED: 422,
  NOT_ON_WHATSAPP: 422,
  IDEMPOTENCY_CONFLICT: 422,
  UNPROCESSABLE: 422,
  TOO_MANY_REQUESTS: 429,
  CONNECTION_LOST: 503,
  UNAVAILABLE: 503,
  STORAGE_FAILED: 503,
  NOT_HELD: 503,
  SESSION_ELSEWHERE: 503,
  AUTH_REVOKED: 503,
  CORRUPT_AUTH: 500,
  CONFIG_INVALID: 500,
  PLUGIN_FAILED: 500,
  INTERNAL: 500,
} as const;

export type ErrorCode = keyof typeof errorStatuses;

export interface ErrorDetails {
  readonly cause?: unknown;
  /** Fields that the answer's body has besides, or instead of, the message. */
  readonly body?: Readonly<Record<string, unknown>>;
  /** One sentence per violation. */
  readonly violations?: readonly string[];
  readonly retryAfterSeconds?: number;
}

const brand = Symbol.for('waha:error');

/** The one error class: a stable code, a sentence that names the culprit, the HTTP status, the cause. */
export class RuntimeError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'RuntimeError';
    this.code = code;
    this.details = details;
    Object.defineProperty(this, brand, { value: true });
  }

  get status(): number {
    return errorStatuses[this.code];
  }
}

/** True for a RuntimeError of any copy of the runtime, of this code when one is given. */
export const isRuntimeError = (error: unknown, code?: ErrorCode): error is RuntimeError =>
  error instanceof Error && brand in error && (code === undefined || ('code' in error && error.code === code));

/** The sentence in anything that was thrown. */
export const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** 400: the request breaks a rule. Each violation names the field and says what is wrong with it. */
export const badRequest = (...violations: string[]) =>
  new RuntimeError('BAD_REQUEST', violations.join('; '), { violations });

/** 401: there is no API key, or it is not known. */
export const unauthorized = () => new RuntimeError('UNAUTHORIZED', 'Unauthorized');

/** 403: the caller is known and may not do this. */
export const forbidden = (what: string) => new RuntimeError('FORBIDDEN', what);

/** 404: what the request names does not exist. */
export const notFound = (what: string) => new RuntimeError('NOT_FOUND', what);

/** 413: the body of a request is larger than the limit, such as `10mb`. */
export const payloadTooLarge = (limit: string) =>
  new RuntimeError('PAYLOAD_TOO_LARGE', `the body is larger than ${limit}`);

/** A file that came in a field, or by a URL in it. */
export const fileTooLarge = (field: string, limit: string) =>
  new RuntimeError('PAYLOAD_TOO_LARGE', `${field}: the file is larger than ${limit}`);

export const sessionNotFound = (name: string) =>
  new RuntimeError('SESSION_NOT_FOUND', `session '${name}' does not exist`);

/** 422: there is a session of that name. */
export const sessionExists = (name: string) =>
  new RuntimeError('SESSION_EXISTS', `session '${name}' already exists; use PUT /api/sessions/${name} to update it`);

/** The session is in another status than the operation needs. The body is WAHA's. */
export const sessionStatus = (
  name: string,
  status: SessionStatus,
  expected: readonly SessionStatus[],
  /** Why it is, and when it is tried again, where something is wrong. */
  trouble: Readonly<Record<string, unknown>> = {},
) =>
  new RuntimeError('SESSION_STATUS', `session '${name}' is ${status}, expected ${expected.join(' or ')}`, {
    body: {
      error: 'Session status is not as expected. Try again later or restart the session',
      session: name,
      status,
      expected,
      ...trouble,
    },
  });

/** 501: the session's engine does not have this capability. */
export const notImplementedByEngine = (engine: string, capability: string) =>
  new RuntimeError('NOT_IMPLEMENTED_BY_ENGINE', `engine ${engine} cannot do '${capability}'`);

/** WhatsApp answered with an error. `code` is WhatsApp's own number. */
export const whatsAppRefused = (what: string, code?: number | string) =>
  new RuntimeError('WHATSAPP_REFUSED', `WhatsApp refused ${what}${code === undefined ? '' : ` (error ${code})`}`, {
    ...(code === undefined ? {} : { body: { code: Number(code) } }),
  });

/** WhatsApp says that nobody has this number. */
export const notOnWhatsApp = (field: string, chatId: string) =>
  new RuntimeError('NOT_ON_WHATSAPP', `${field}: nobody has '${chatId}' on WhatsApp`);

/** The same Idempotency-Key came with another request. */
export const idempotencyConflict = () =>
  new RuntimeError('IDEMPOTENCY_CONFLICT', 'this Idempotency-Key was used for another request; use a new one');

/** What WhatsApp does not let an account do any more, for a while. */
const limits = {
  reachout_timelock: { code: 463, sentence: 'WhatsApp does not let this account write to new people for now' },
  message_capping: { code: 475, sentence: "WhatsApp's quota of new chats for this account is used up" },
} as const;

/** The account is limited, `until` then (ms since the epoch; null when WhatsApp did not say). */
export const accountLimited = (reason: keyof typeof limits, until: number | null) => {
  const { code, sentence } = limits[reason];
  const end = until === null ? null : new Date(until).toISOString();
  return new RuntimeError('WHATSAPP_REFUSED', `${sentence}${end === null ? '' : `, until ${end}`} (error ${code})`, {
    body: { code, reason, until: end },
  });
};

/** 409: the request is well-formed, and something else that is under way stands against it. */
export const conflict = (what: string) => new RuntimeError('CONFLICT', what);

/** 422: the request is well-formed, and what it asks for is impossible as things are. */
export const unprocessable = (what: string) => new RuntimeError('UNPROCESSABLE', what);

/** 429: a limit is reached. The seconds become the header `Retry-After`. */
export const tooManyRequests = (what: string, retryAfterSeconds: number) =>
  new RuntimeError('TOO_MANY_REQUESTS', what, { retryAfterSeconds });

/** The connection closed while the call was under way. */
export const connectionLost = (session: string, cause?: unknown) =>
  new RuntimeError('CONNECTION_LOST', `session '${session}' lost its connection during the call`, {
    cause,
    retryAfterSeconds: 5,
  });

/** 503: this works again in a while. The seconds become the header `Retry-After`. */
export const unavailable = (what: string, retryAfterSeconds = 5) =>
  new RuntimeError('UNAVAILABLE', what, { retryAfterSeconds });

/** The medium under a store failed. `driver` is the database's name. */
export const storageFailed = (driver: string, what: string, cause?: unknown) =>
  new RuntimeError('STORAGE_FAILED', `[${driver}] ${what}`, { cause, retryAfterSeconds: 5 });

/** Another process was faster, or is in charge now: a condition of a batch does not hold. `step` counts from 0. */
export const notHeld = (driver: string, collection: string, step: number) =>
  new RuntimeError(
    'NOT_HELD',
    `[${driver}] step ${step} of a batch, on '${collection}', does not hold: nothing was changed`,
    {
      retryAfterSeconds: 1,
    },
  );

/** Another process of the cluster has the session, and the request did not find its way there. */
export const sessionElsewhere = (name: string) =>
  new RuntimeError('SESSION_ELSEWHERE', `session '${name}' is on its way to another process; try again`, {
    retryAfterSeconds: 1,
  });

export const authRevoked = (session: string) =>
  new RuntimeError('AUTH_REVOKED', `the credentials of session '${session}' are no longer this connection's`);

/** The stored credentials cannot be read: the session fails until it is linked anew. */
export const corruptAuth = (session: string, cause?: unknown) =>
  new RuntimeError('CORRUPT_AUTH', `the stored credentials of session '${session}' cannot be read`, { cause });

/** A config that cannot be used. Each problem is a line that begins with the key's path; the runtime adds file and line. */
export const configInvalid = (...problems: string[]) =>
  new RuntimeError('CONFIG_INVALID', problems.join('\n'), { violations: problems });

/** A plugin broke its contract, or failed while it started. */
export const pluginFailed = (plugin: string, what: string, cause?: unknown) =>
  new RuntimeError('PLUGIN_FAILED', `plugin '${plugin}' ${what}`, { cause });

/** What went wrong while the plugins started, a line each. */
export const pluginsFailed = (problems: readonly string[]) =>
  new RuntimeError('PLUGIN_FAILED', problems.join('\n'), { violations: problems });
