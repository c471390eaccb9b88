import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Forwarder, Principal, Route, RouteRequest, UploadedFile } from '../contracts/http.ts';
import { badRequest } from '../errors.ts';
import { withStrayErrors } from '../stray-errors.ts';
import { sendAnswer, sendJson } from './answer.ts';
import { type BodyValue, readBody, usualBytes } from './body.ts';
import { isMultipart, readForm } from './form-reader.ts';
import { type Address, Operation } from './operation.ts';
import { type Refuse, serverFault } from './refusal.ts';
import { traceOfRequest } from './request-trace.ts';
import type { UploadSlot, UploadSlots } from './upload-slots.ts';

/** Names the caller of a request, or throws `UNAUTHORIZED`. */
export type Authorize = (request: IncomingMessage) => Principal;

/** Who calls a route that asks for no key. */
export const anyone: Principal = Object.freeze({ name: 'anyone', sessions: '*', rights: '*', admin: true });

/** What every route's handler shares. */
export interface ServeOptions {
  readonly authorize: Authorize;
  readonly refuse: Refuse;
  readonly slots: UploadSlots;
  /** The largest body of a request that may hold a file (bytes). */
  readonly maxBodyBytes: number;
  /** Takes requests to the process that has their session; without it all are here. */
  readonly forwarder?: Forwarder | undefined;
}

/** Answers one request of a route. The query is absent when the route has no schema for it. */
export type Serve = (request: IncomingMessage, response: ServerResponse, address: Address) => Promise<void>;

/** One route as a function. Whatever can be prepared is prepared here, not at each request. */
export const serveRoute = (route: Route, options: ServeOptions): Serve => {
  const { authorize, refuse, slots, maxBodyBytes, forwarder } = options;
  const operation = new Operation(route, maxBodyBytes);
  const isPublic = route.access === 'public';
  const serve: Serve = async (request, response, { params, query }) => {
    // Before the body is read: a stranger's upload is not even buffered.
    const principal = isPublic ? anyone : authorize(request);
    const address = operation.checkAddress(principal, params, query);
    const exchange = { request, response, address };
    if (forwarder && (await isForwarded(forwarder, operation, exchange))) return;
    const content = await readContent(operation, request, principal, address, slots);
    try {
      if (forwarder && (await isForwarded(forwarder, operation, exchange, content))) return;
      const answer = await route.handle(new ReceivedRequest(address, content, request, response, principal));
      if (!response.headersSent) await sendAnswer(request, response, operation.status, answer);
    } finally {
      await content.discard?.();
    }
  };
  return async (request, response, address) => {
    let failed = false;
    // An error that escaped is logged by whoever caught it last.
    const fail = (): void => {
      failed = true;
      if (response.headersSent) response.destroy();
      else sendJson(response, serverFault.status, serverFault.body);
    };
    try {
      await withStrayErrors(
        fail,
        () => serve(request, response, address),
        () => traceOfRequest(request),
      );
    } catch (error) {
      if (!failed) refuse(error, request, response);
    }
  };
};

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly address: Address;
}

/** Whether another process has answered, which has the session of the request. `content`: when it was read. */
const isForwarded = async (
  forwarder: Forwarder,
  operation: Operation,
  { request, response, address }: Exchange,
  content?: Content,
): Promise<boolean> => {
  if (operation.isKnownEarly !== (content === undefined)) return false;
  const session = operation.sessionOf({ ...address, body: content?.body });
  const place = session === undefined ? null : await forwarder.placeOf(session, request);
  if (place === null) return false;
  const field = operation.route.upload?.field;
  await forwarder.forward(request, response, place, content && { ...content, field });
  return true;
};

/** What came in the body. */
interface Content {
  readonly body: unknown;
  readonly file?: UploadedFile | undefined;
  /** Removes the file, and gives back the room that the body took. */
  discard?(): Promise<void>;
}

const readContent = async (
  operation: Operation,
  request: IncomingMessage,
  principal: Principal,
  address: Address,
  slots: UploadSlots,
): Promise<Content> => {
  const { body: schema, upload } = operation.route;
  if (!schema) return { body: operation.checkBody(principal, address, undefined) };
  if (!isMultipart(request)) {
    return readCounted(
      operation,
      request,
      () => slots.take(principal),
      ({ value, isForm }) =>
        isForm ? operation.checkForm(principal, address, value, false) : operation.checkBody(principal, address, value),
    );
  }
  if (!upload) throw badRequest('the body must be JSON; send it with Content-Type: application/json');
  const slot = slots.take(principal);
  const { fields, file, discard } = await readForm(request, upload).finally(slot.free);
  try {
    return { body: operation.checkForm(principal, address, fields, file !== undefined), file, discard };
  } catch (error) {
    await discard();
    throw error;
  }
};

/** Large bodies are uploads, too: so many are read at a time, and so much of them is there until the requests are answered. */
const readCounted = async (
  operation: Operation,
  request: IncomingMessage,
  take: () => UploadSlot,
  check: (body: BodyValue) => unknown,
): Promise<Content> => {
  let slot: UploadSlot | undefined;
  let size = 0;
  const onPiece = (bytes: number): void => {
    size += bytes;
    if (size <= usualBytes) return;
    const isFirst = slot === undefined;
    slot ??= take();
    slot.grow(isFirst ? size : bytes);
  };
  try {
    const value = await readBody(request, { maxBytes: operation.maxBodyBytes, onPiece });
    slot?.read();
    const body = check(value);
    return { body, discard: async () => slot?.free() };
  } catch (error) {
    slot?.free();
    throw error;
  }
};

/** One request as a handler sees it. */
class ReceivedRequest implements RouteRequest<unknown, unknown, unknown> {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly file: UploadedFile | undefined;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly principal: Principal;
  readonly #response: ServerResponse;
  #gone: AbortController | undefined;

  constructor(
    { params, query }: Address,
    { body, file }: Content,
    request: IncomingMessage,
    response: ServerResponse,
    principal: Principal,
  ) {
    this.params = params;
    this.query = query;
    this.body = body;
    this.file = file;
    this.headers = request.headers as Readonly<Record<string, string | undefined>>;
    this.principal = principal;
    this.#response = response;
  }

  /** Made when first asked for: few handlers do, and an AbortController costs more than the rest of this. */
  get signal(): AbortSignal {
    if (this.#gone) return this.#gone.signal;
    const gone = new AbortController();
    this.#gone = gone;
    const response = this.#response;
    const leave = () => !response.writableFinished && gone.abort();
    if (response.closed) leave();
    else response.once('close', leave);
    return gone.signal;
  }
}
