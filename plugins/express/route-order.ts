import { pluginFailed, type Route } from 'waha-runtime';

/** A route with where it comes from. */
export interface OwnedRoute {
  readonly plugin: string;
  readonly route: Route;
}

const isParameter = (segment: string): boolean => segment.includes('{');

const rank = (path: string): string =>
  path
    .split('/')
    .map((segment) => (isParameter(segment) ? '1' : '0'))
    .join('');

/**
 * Routes in the order in which they are to be tried: segment by segment, a literal before a parameter, so that
 * `/groups/count` is not taken for the group `count`. Routes of one kind keep their order.
 */
export const orderRoutes = (routes: readonly OwnedRoute[]): readonly OwnedRoute[] => {
  refuseTwins(routes);
  const ranked = routes.map((owned) => ({ owned, rank: rank(owned.route.path) }));
  return ranked.sort((a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0)).map(({ owned }) => owned);
};

/** Two routes that answer the same requests would hide one another. */
const refuseTwins = (routes: readonly OwnedRoute[]): void => {
  const owners = new Map<string, OwnedRoute>();
  for (const owned of routes) {
    const { method, path } = owned.route;
    const shape = `${method} ${path.replace(/\{[^{}]{1,64}\}/g, '{}')}`;
    const first = owners.get(shape);
    if (first) throw pluginFailed(owned.plugin, `has the route ${method} ${path}, which '${first.plugin}' has, too`);
    owners.set(shape, owned);
  }
};

/** `/api/{session}/auth/qr` as Express 5 writes it: `/api/:session/auth/qr`. */
export const expressPath = (path: string): string =>
  path
    .split(/(\{[^{}]{1,64}\})/)
    .map((part) => (isParameter(part) ? `:"${part.slice(1, -1)}"` : part.replace(/[()[\]?+!*:\\]/g, '\\$&')))
    .join('');
