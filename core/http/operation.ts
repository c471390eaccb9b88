import { compile, type Violation } from '../config/validate.ts';
import type { NamedInRequest, Principal, Route, RouteSession, RouteUpload } from '../contracts/http.ts';
import type { TSchema } from '../contracts/schema.ts';
import { badRequest } from '../errors.ts';
import { checkRight, checkSession, isKnownEarly, sessionPlace } from './access.ts';
import { usualBytes } from './body.ts';
import { boundedSchema, holdsFile } from './bounded-schema.ts';

/** What the address of a request says, as checked. */
export interface Address {
  readonly params: unknown;
  readonly query: unknown;
}

type Check = (value: unknown) => unknown;

/** A route with everything that is done about it for each request: whether the caller may, what it says, how it is answered. */
export class Operation {
  readonly route: Route;
  /** The status of an answer that names none. */
  readonly status: number;
  /** The largest body (bytes): what the server takes where a file may be in it, else 1 MB. */
  readonly maxBodyBytes: number;
  readonly #session: RouteSession;
  readonly #params: Check | undefined;
  readonly #query: Check | undefined;
  readonly #body: Check | undefined;
  readonly #form: Check | undefined;
  readonly #formWithFile: Check | undefined;

  constructor(route: Route, maxBytes: number) {
    const { params, query, body, upload } = route;
    this.route = route;
    this.status = successStatus(route);
    this.maxBodyBytes = upload || holdsFile(body) ? maxBytes : Math.min(maxBytes, usualBytes);
    this.#session = sessionPlace(route);
    this.#params = checker(params, true);
    this.#query = checker(query, true);
    this.#body = checker(body, false);
    this.#form = checker(body, true);
    this.#formWithFile = upload && body ? checker(without(body, upload.field), true) : undefined;
  }

  /** Checks the address, and the caller as far as it is enough for that. */
  checkAddress(principal: Principal, params: unknown, query: unknown): Address {
    checkRight(this.route, principal);
    this.#checkNamed(principal, 'params', params);
    this.#checkNamed(principal, 'query', query);
    const address = { params: this.#checked(this.#params, params), query: this.#checked(this.#query, query) };
    if (isKnownEarly(this.#session)) this.#checkSession(principal, { ...address, body: undefined });
    return address;
  }

  /** Whether the address says which session a request concerns. */
  get isKnownEarly(): boolean {
    return isKnownEarly(this.#session);
  }

  /** The one session that a request concerns; undefined when that is none, many, or all. */
  sessionOf(named: NamedInRequest): string | undefined {
    const place = this.#session;
    if (place === 'none' || place === 'any') return undefined;
    const asked =
      typeof place === 'function' ? place(named) : (named[place] as { session?: unknown } | undefined)?.session;
    return typeof asked === 'string' ? asked : undefined;
  }

  /** Checks a body that came as JSON; undefined for a route without one. */
  checkBody(principal: Principal, address: Address, body: unknown): unknown {
    this.#checkNamed(principal, 'body', body);
    return this.#allowed(principal, address, this.#body?.(body));
  }

  /** Checks the fields of a form, with its file or without one. */
  checkForm(principal: Principal, address: Address, fields: unknown, hasFile: boolean): unknown {
    this.#checkNamed(principal, 'body', fields);
    return this.#allowed(principal, address, (hasFile ? this.#formWithFile : this.#form)?.(fields));
  }

  #allowed(principal: Principal, address: Address, body: unknown): unknown {
    if (!isKnownEarly(this.#session)) this.#checkSession(principal, { ...address, body });
    return body;
  }

  /** Before the rest is checked: whoever may not use a session learns nothing of what else is wrong. */
  #checkNamed(principal: Principal, place: RouteSession, value: unknown): void {
    const isNamed =
      place === this.#session && typeof (value as { session?: unknown } | undefined)?.session === 'string';
    if (isNamed) this.#checkSession(principal, { params: value, query: value, body: value });
  }

  #checkSession(principal: Principal, named: Address & { readonly body: unknown }): void {
    if (this.route.access !== 'public') checkSession(this.#session, principal, named);
  }

  #checked(check: Check | undefined, value: unknown): unknown {
    return check ? check(value) : value;
  }
}

/** The first 2xx status a route declares, else 201 for POST and 200 for the rest. */
export const successStatus = (route: Route): number => {
  const declared = Object.keys(route.responses ?? {}).find((status) => status.startsWith('2'));
  return declared ? Number(declared) : route.method === 'POST' ? 201 : 200;
};

/** The schema of an object without one of its fields: of a form, whose file is no text. */
export const without = (schema: TSchema, field: RouteUpload['field']): TSchema => {
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
    check ??= compile(boundedSchema(schema), { coerce, unknown: 'ignore' });
    const checked = check(value);
    if (!checked.ok) throw badRequest(...checked.violations.map(sentenceOf));
    return checked.value;
  };
};

const sentenceOf = ({ path, message }: Violation): string =>
  path.length === 0 ? message.replace(/^value/, 'body') : message;
