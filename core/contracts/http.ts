import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex, Readable } from 'node:stream';
import type { Static, TSchema } from 'typebox';

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What a caller may do. `read` looks; the others change what their name says; `admin` concerns the whole server. */
export type Right = 'read' | 'send' | 'control' | 'setting' | 'app' | 'delete' | 'admin';

/** Who calls. */
export interface Principal {
  readonly name: string;
  /**
   * The sessions that the caller may use; what concerns others is refused with 403 before the handler. A name that ends in `*`
   * stands for every session whose name begins so. Ask with `maySee`.
   */
  readonly sessions: '*' | readonly string[];
  readonly rights: '*' | readonly Right[];
  /** May do what concerns the whole server. */
  readonly admin: boolean;
  /** Aborts when the key is no longer what it was: changed, expired or gone. What stays open for long ends then. */
  readonly revoked?: AbortSignal;
}

/** Knows further keys than the server's own. Plugins contribute it to `Points.KeyRing`. */
export interface KeyRing {
  /** Who holds this key, undefined when nobody does. Asked for each request. Throws `TOO_MANY_REQUESTS` for one that calls too often. */
  find(key: string): Principal | undefined;
}

/** What a request named so far, as checked; the body is undefined until it is read. */
export interface NamedInRequest {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

/**
 * Whom a route concerns. `params`, `query`, `body`: the session in the field `session` there; where it may be left out,
 * leaving it out means all sessions. `none`: the whole server, so only callers of all sessions may. `any`: every caller
 * may; what the handler answers is public, or is limited by `principal.sessions`. A function names the sessions itself.
 */
export type RouteSession =
  | 'params'
  | 'query'
  | 'body'
  | 'none'
  | 'any'
  | ((named: NamedInRequest) => string | readonly string[] | undefined);

/** An answer that is more than a JSON value. Made by `reply`. */
export interface Reply {
  readonly [replyBrand]: true;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * `body`: bytes, text or a stream, sent as it is. `json`: a JSON value with a status or headers of its own.
   * With both, the client's `Accept` chooses, and `body` is what it gets when it does not care.
   */
  readonly body?: Uint8Array | string | Readable;
  readonly json?: unknown;
  readonly contentType?: string;
}
declare const replyBrand: unique symbol;
const brand = Symbol.for('waha:reply');

/**
 * Makes an answer with a status, headers or a body of its own. A handler that returns any other value answers with it
 * as JSON.
 */
export const reply = (answer: Omit<Reply, typeof replyBrand>): Reply =>
  ({ ...answer, [brand]: true }) as unknown as Reply;

/** True for what `reply` made, by whichever installed copy of the runtime. */
export const isReply = (value: unknown): value is Reply =>
  typeof value === 'object' && value !== null && brand in value;

type Infer<S, Otherwise> = S extends TSchema ? Static<S> : Otherwise;

/** A file that came in a multipart form: on this machine until the request is answered. */
export interface UploadedFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** As the client says; null when it says nothing in particular. */
  readonly mimetype: string | null;
  readonly filename: string | null;
  /** Of its content, in hex. */
  readonly sha256: string;
}

/** The body may come as `multipart/form-data`, with a file in place of one of its fields. */
export interface RouteUpload {
  readonly field: string;
  readonly maxBytes: number;
}

/** What a route's handler gets: the parts of the request, checked and converted by the route's schemas. */
export interface RouteRequest<P, Q, B> {
  readonly params: P;
  readonly query: Q;
  /** Of a form: without the field that is the file. */
  readonly body: B;
  /** The file of a multipart form, when the route takes one and one came. */
  readonly file?: UploadedFile | undefined;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly principal: Principal;
  /** Fires when the client goes away. */
  readonly signal: AbortSignal;
}

/** What one answer looks like, for the OpenAPI document. */
export interface RouteResponse {
  readonly description: string;
  /** Of `application/json`. */
  readonly schema?: TSchema;
  /** Further content types with their schemas, such as `image/png`. */
  readonly content?: Readonly<Record<string, TSchema>>;
}

/** One operation, declared once: validation, documentation and handler. Made by `route`. */
export interface Route {
  readonly method: HttpMethod;
  /** OpenAPI form: `/api/sessions/{session}`. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly deprecated?: boolean;
  /** `key`: needs a key (default). `public`: answers everyone. */
  readonly access?: 'key' | 'public';
  /** Whom it concerns; without it, where its schemas have a field `session`, else `none`. Public routes are for everyone. */
  readonly session?: RouteSession;
  /**
   * What a caller must be allowed to. `any`: every key may. Without it `read` for GET; for the rest `send`, or `admin` where it
   * concerns the whole server.
   */
  readonly right?: Right | 'any';
  readonly params?: TSchema;
  readonly query?: TSchema;
  readonly body?: TSchema;
  /** Takes a multipart form, too. Its texts become what the schema asks for, as in a query. */
  readonly upload?: RouteUpload;
  /** By status; the first 2xx one is the default status, else 201 for POST and 200 for the rest. */
  readonly responses?: Readonly<Record<number, RouteResponse>>;
  /** A JSON value, or a `reply`. Undefined answers an empty body. Throws a RuntimeError for anything else. */
  handle(request: RouteRequest<unknown, unknown, unknown>): unknown;
}

/** Declares a route; the handler's request is typed by the schemas. */
export const route = <
  P extends TSchema | undefined = undefined,
  Q extends TSchema | undefined = undefined,
  B extends TSchema | undefined = undefined,
>(
  definition: Omit<Route, 'handle' | 'params' | 'query' | 'body'> & {
    readonly params?: P;
    readonly query?: Q;
    readonly body?: B;
    handle(
      request: RouteRequest<Infer<P, Record<string, never>>, Infer<Q, Record<string, never>>, Infer<B, undefined>>,
    ): unknown;
  },
): Route => definition as Route;

/** The routes of one tag. Plugins contribute groups to `Points.Routes`. */
export interface RouteGroup {
  readonly tag: string;
  readonly description?: string;
  readonly routes: readonly Route[];
  /** Schemas of what is sent to others, by name: the `webhooks` of the OpenAPI document. */
  readonly webhooks?: Readonly<Record<string, TSchema>>;
}

/** A text that is made when it is asked for, such as the settings of a page. */
export interface MadeFile {
  /** `text/javascript`; the charset is UTF-8. */
  readonly contentType: string;
  make(): string;
}

/**
 * A page with its files, such as a dashboard, served beside the API. Plugins contribute it to `Points.Pages`:
 *
 * ```ts
 * contribute(Points.Pages, { path: '/dashboard', folder: new URL('./page/', import.meta.url), spa: true });
 * ```
 *
 * Its files need no key and must hold no secret: the page asks for the key and calls the API with it. Every answer has an
 * ETag; files below `assets/` (see `hashed`) are kept by browsers for ever, all others are asked for again. A
 * content-security-policy lets the page load and call nothing but this server, and no other page may frame it.
 */
export interface Page {
  /** Literal path without a slash at the end, such as `/dashboard`; it redirects to `/dashboard/`. Routes below it win. */
  readonly path: string;
  /**
   * The folder of its files: a `file:` URL or an absolute path. `index.html` is its start. Dot files are never served. Absent: all
   * of its files are `made`.
   */
  readonly folder?: string | URL;
  /** True when the page has addresses of its own: a path below it that is no file and has no dot gives `index.html`. */
  readonly spa?: boolean;
  /** Folders of files whose names change with their content (Vite's default is `assets`, and so it is here). */
  readonly hashed?: readonly string[];
  /** Files that are made, by their path below the page: `{ 'settings.js': … }`. They win over the folder's. */
  readonly made?: Readonly<Record<string, MadeFile>>;
  /**
   * Sources by CSP directive, in place of the usual ones: `{ 'style-src': ["'self'", "'unsafe-inline'"] }`. Usual are
   * `'self'` for everything, `data:` and `blob:` for images, `blob:` for media.
   */
  readonly policy?: Readonly<Record<string, readonly string[]>>;
  /** Asked for by the browser (Basic); a key that opens the API opens the page, too. */
  readonly login?: { readonly username: string; readonly password: string } | undefined;
  /** `/` leads to this page. The first one that says so wins. */
  readonly home?: boolean;
}

/** Takes over websocket upgrades on a path; the key was checked before. Plugins contribute them to `Points.Upgrade`. */
export interface UpgradeHandler {
  /** Literal path, such as `/ws`. */
  readonly path: string;
  handle(request: IncomingMessage, socket: Duplex, head: Buffer, principal: Principal): void;
}

/** Takes requests to the process that has their session. Provided by a cluster; asked after the key and the address were checked. */
export interface Forwarder {
  /** The other processes behind the port of this one; null when it has the port for itself. */
  readonly siblings: readonly string[] | null;
  /**
   * Where the session is: null when it is here, or nowhere. Throws `SESSION_ELSEWHERE` when nobody can be asked for it at present, and
   * for a request that was forwarded to here.
   */
  placeOf(session: string, request: Pick<IncomingMessage, 'headers'>): Promise<string | null>;
  /** Answers with what that process answers. `content` is the body, where it was read already; without it the request is piped. */
  forward(request: IncomingMessage, response: ServerResponse, place: string, content?: ForwardedContent): Promise<void>;
  /** Calls an operation of that process for whoever holds the key in the headers. Resolves with what it answers, an error as well. */
  call(place: string, call: RemoteCall): Promise<RemoteAnswer>;
}

/** A request that is made here, and not passed on. */
export interface RemoteCall {
  readonly method: HttpMethod;
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON; undefined for none. */
  readonly body: unknown;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** The answer to a `RemoteCall`. */
export interface RemoteAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly bytes: Buffer;
  readonly retryAfterSeconds?: number | undefined;
}

/** A body that was read and checked. */
export interface ForwardedContent {
  readonly body: unknown;
  readonly file?: UploadedFile | undefined;
  /** The field that the file was in. */
  readonly field?: string | undefined;
}

/** Where the HTTP server listens, once it does. Provided by the server plugin. */
export interface HttpServer {
  /** `http://host:port` as this machine reaches it, or null before it listens. */
  readonly url: string | null;
  /** What links to this server begin with: the public address when one is configured, else `url`. */
  readonly baseUrl: string | null;
  /** Where this process alone is reached, when it shares the port of `url` with others on this machine; else as `url`. */
  readonly ownUrl?: string | null;
}
