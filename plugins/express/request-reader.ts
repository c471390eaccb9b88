import type { IncomingMessage, ServerResponse } from 'node:http';
import bytes from 'bytes';
import express, { type Request, type Response } from 'express';
import {
  badRequest,
  type Checked,
  compile,
  type Principal,
  payloadTooLarge,
  type Route,
  type RouteRequest,
  type RouteUpload,
  type TSchema,
  type UploadedFile,
  type Violation,
} from 'waha-runtime';
import { isMultipart, readForm } from './form-reader.ts';
import type { FormSlots } from './form-slots.ts';
import { isTextForm, looksLikeJson, readTextForm } from './text-form.ts';

/** What the address of a request says. The query is absent when the route has no schema for it. */
export interface Place {
  readonly params: unknown;
  readonly query: unknown;
}

type Reader = (
  request: IncomingMessage,
  response: ServerResponse,
  principal: Principal,
  place: Place,
) => Promise<ReceivedRequest>;
type Check = (value: unknown) => unknown;

/** Reads a body and gives its JSON value, or the texts of a form; `{}` when there is none. */
export type BodyReader = (request: IncomingMessage, response: ServerResponse) => Promise<BodyValue>;

interface BodyValue {
  readonly value: unknown;
  /** It was a form: all it has is texts. */
  readonly isForm: boolean;
}

/** Everything but a form is read as JSON, and what looks like JSON, too: `curl -d '{…}'` works without a content type. */
export const bodyReader = (limit: string): BodyReader => {
  const json = express.json({ limit, type: (request) => !isMultipart(request) });
  const text = express.text({ limit, type: () => true });
  const most = bytes.parse(limit) ?? Number.POSITIVE_INFINITY;
  return async (request, response) => {
    // The parser would read the whole of it first, for as long as that takes.
    if (Number(request.headers['content-length'] ?? 0) > most) throw payloadTooLarge(limit);
    if (isMultipart(request)) throw badRequest('the body must be JSON; send it with Content-Type: application/json');
    await new Promise<void>((resolve, reject) => {
      // The parser asks for headers and bytes only, and Express itself has not touched every request.
      const parse = isTextForm(request) ? text : json;
      parse(request as Request, response as Response, (error?: unknown) => (error ? reject(error) : resolve()));
    });
    const { body = {} } = request as Request;
    return typeof body === 'string' ? readText(body) : { value: body, isForm: false };
  };
};

const readText = (body: string): BodyValue => {
  if (!looksLikeJson(body)) return { value: readTextForm(body), isForm: true };
  try {
    return { value: JSON.parse(body), isForm: false };
  } catch {
    throw badRequest('the body is not a valid JSON object');
  }
};

/** Compiles a route's schemas once, at its first request. What it returns reads one request and throws `BAD_REQUEST` for what is wrong. */
export const requestReader = (route: Route, readBody: BodyReader, slots: FormSlots): Reader => {
  const params = checker(route.params, true);
  const query = checker(route.query, true);
  const body = checker(route.body, false);
  const formBody = checker(route.body, true);
  const form = route.body && route.upload ? formReader(route.body, route.upload, slots) : undefined;
  return async (request, response, principal, place) => {
    const checkedParams = params ? params(place.params) : place.params;
    const checkedQuery = query?.(place.query);
    if (form && isMultipart(request)) {
      const received = await form(request, principal);
      return new ReceivedRequest(checkedParams, checkedQuery, received, request, response, principal);
    }
    const { value, isForm } = body ? await readBody(request, response) : noBody;
    const content = { body: isForm ? formBody?.(value) : body?.(value) };
    return new ReceivedRequest(checkedParams, checkedQuery, content, request, response, principal);
  };
};

const noBody: BodyValue = { value: undefined, isForm: false };

/** What came in the body. */
interface Content {
  readonly body: unknown;
  readonly file?: UploadedFile | undefined;
  /** Removes the file. */
  discard?(): Promise<void>;
}

type FormReader = (request: IncomingMessage, principal: Principal) => Promise<Content>;

const formReader = (schema: TSchema, upload: RouteUpload, slots: FormSlots): FormReader => {
  const whole = checker(schema, true);
  const withoutFile = checker(without(schema, upload.field), true);
  return async (request, principal) => {
    const free = slots.take(principal.name);
    const { fields, file, discard } = await readForm(request, upload).finally(free);
    try {
      const body = file ? withoutFile?.(fields) : whole?.(fields);
      return { body, file, discard };
    } catch (error) {
      await discard();
      throw error;
    }
  };
};

/** The schema of an object without one of its fields. */
export const without = (schema: TSchema, field: string): TSchema => {
  const { properties, required = [], title: _name, ...rest } = schema as ObjectSchema;
  const { [field]: _file, ...others } = properties;
  return { ...rest, properties: others, required: required.filter((name) => name !== field) } as TSchema;
};

interface ObjectSchema {
  readonly properties: Readonly<Record<string, TSchema>>;
  readonly required?: readonly string[];
  readonly title?: string;
}

const checker = (schema: TSchema | undefined, coerce: boolean): Check | undefined => {
  if (!schema) return undefined;
  let check: ReturnType<typeof compile> | undefined;
  return (value) => {
    // Not at the start: compiling the schemas of all routes takes a tenth of it.
    check ??= compile(schema, { coerce, unknown: 'ignore' });
    const compiled = check;
    const checked = guarded(() => compiled(value));
    if (!checked.ok) throw badRequest(...checked.violations.map(sentenceOf));
    return checked.value;
  };
};

/** A value nested ten thousand levels deep exhausts the stack of whoever walks it; that is the caller's fault. */
const guarded = (check: () => Checked<unknown>): Checked<unknown> => {
  try {
    return check();
  } catch (error) {
    if (error instanceof RangeError) throw badRequest('the body is nested too deeply');
    throw error;
  }
};

const sentenceOf = ({ path, message }: Violation): string =>
  path.length === 0 ? message.replace(/^value/, 'body') : message;

/** One request as a handler sees it. */
class ReceivedRequest implements RouteRequest<unknown, unknown, unknown> {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly file: UploadedFile | undefined;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly principal: Principal;
  readonly #response: ServerResponse;
  readonly #discard: (() => Promise<void>) | undefined;
  #gone: AbortController | undefined;

  constructor(
    params: unknown,
    query: unknown,
    content: Content,
    request: IncomingMessage,
    response: ServerResponse,
    principal: Principal,
  ) {
    this.params = params;
    this.query = query;
    this.body = content.body;
    this.file = content.file;
    this.#discard = content.discard;
    this.headers = request.headers as Readonly<Record<string, string | undefined>>;
    this.principal = principal;
    this.#response = response;
  }

  /** Removes what came with it; once it is answered. */
  async discard(): Promise<void> {
    await this.#discard?.();
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
