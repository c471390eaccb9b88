import findMyWay from 'find-my-way';
import type { HttpMethod, Route } from '../contracts/http.ts';
import { pluginFailed } from '../errors.ts';

/** A route with the plugin that it comes from. */
export interface OwnedRoute {
  readonly plugin: string;
  readonly route: Route;
}

/** A route as it was found for a path. */
export interface Found<T> {
  readonly value: T;
  readonly params: Readonly<Record<string, string>>;
}

/** Longer than any URL that node:http takes. */
const maxParamLength = 65_536;
const parameter = /\{([^{}]{1,64})\}/g;

/** Values found by the method and path of their routes: a literal before a parameter, segment by segment. */
export class RouteTable<T> {
  readonly #router = findMyWay({ ignoreTrailingSlash: true, caseSensitive: true, maxParamLength });

  /** Throws `PLUGIN_FAILED` when two routes answer the same requests: one would hide the other. */
  constructor(routes: readonly OwnedRoute[], toValue: (route: Route) => T) {
    refuseTwins(routes);
    for (const { route } of routes) {
      const names = [...route.path.matchAll(parameter)].map(([, name = '']) => name);
      this.#router.on(route.method, routerPath(route.path), () => undefined, { value: toValue(route), names });
    }
  }

  /** The value for a request, null when there is none. `HEAD` is `GET` without a body. Throws a URIError for a broken escape. */
  find(method: string, path: string): Found<T> | null {
    const found = this.#router.find((method === 'HEAD' ? 'GET' : method) as HttpMethod, path);
    if (!found) {
      decodeURIComponent(path);
      return null;
    }
    const { value, names } = found.store as { value: T; names: readonly string[] };
    const params: Record<string, string> = Object.create(null);
    for (const [index, name] of names.entries()) {
      const text = found.params[`p${index}`];
      // Two slashes in a row: nothing has an empty name.
      if (!text) return null;
      params[name] = text;
    }
    return { value, params };
  }
}

/** `/api/{session}/auth/qr` as the router writes it: `/api/:p0/auth/qr`. A colon stands for itself when doubled. */
const routerPath = (path: string): string => {
  let index = 0;
  return path
    .split(/(\{[^{}]{1,64}\})/)
    .map((part) => (part.startsWith('{') ? `:p${index++}` : part.replaceAll(':', '::')))
    .join('');
};

const refuseTwins = (routes: readonly OwnedRoute[]): void => {
  const owners = new Map<string, OwnedRoute>();
  for (const owned of routes) {
    const { method, path } = owned.route;
    if (path.includes('*'))
      throw pluginFailed(owned.plugin, `has the route ${method} ${path}; a star has no meaning there`);
    const shape = `${method} ${path.replace(parameter, '{}')}`;
    const first = owners.get(shape);
    if (first) throw pluginFailed(owned.plugin, `has the route ${method} ${path}, which '${first.plugin}' has, too`);
    owners.set(shape, owned);
  }
};
