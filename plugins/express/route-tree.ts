import type { IncomingMessage, ServerResponse } from 'node:http';
import { parse } from 'node:querystring';
import type { Route } from 'waha-runtime';
import type { Refuse } from './refusal.ts';
import { pathOf } from './request-url.ts';
import type { Serve } from './serve-route.ts';

/** A route with the function that serves it. */
export interface ServedRoute {
  readonly route: Route;
  readonly serve: Serve;
}

interface Leaf extends ServedRoute {
  /** The names of its parameters, in order. */
  readonly names: readonly string[];
}

interface Node {
  readonly literals: Map<string, Node>;
  readonly leaves: Map<string, Leaf>;
  parameter: Node | undefined;
}

const node = (): Node => ({ literals: new Map(), leaves: new Map(), parameter: undefined });
/** Where Express parses an address in another way. */
const unplain = /[#\s\ufeff]/;
const wholeParameter = /^\{([^{}]+)\}$/;

/**
 * Routes found by the segments of their path, a literal before a parameter: the order in which Express would try them all,
 * one after the other. Most of what a small answer costs is Express. What is not plain here (a slash at the end, `HEAD`, a
 * fragment, a broken escape) is left to it, as it has the same routes: then this answers false.
 */
export const routeTree = (
  routes: readonly ServedRoute[],
  refuse: Refuse,
): ((request: IncomingMessage, response: ServerResponse) => boolean) => {
  const root = node();
  // Where a segment is only in part a parameter, Express decides about all paths of that length.
  const odd = new Set(
    routes.filter(({ route }) => isOdd(route.path)).map(({ route }) => segmentsOf(route.path).length),
  );
  for (const served of routes) add(root, served);
  return (request, response) => {
    const { url = '', method = '' } = request;
    const path = pathOf(request);
    const segments = segmentsOf(path);
    if (odd.has(segments.length) || !url.startsWith('/') || unplain.test(url)) return false;
    const values: string[] = [];
    const leaf = find(root, method, segments, 0, values);
    const params = leaf && paramsOf(leaf.names, values);
    if (!leaf || !params) return false;
    const query = leaf.route.query ? parse(url.slice(path.length + 1)) : undefined;
    leaf.serve(request, response, { params, query }).catch((error: unknown) => refuse(error, request, response));
    return true;
  };
};

const segmentsOf = (path: string): string[] => path.split('/').slice(1);

const isOdd = (path: string): boolean =>
  segmentsOf(path).some((segment) => segment.includes('{') && !wholeParameter.test(segment));

const add = (root: Node, { route, serve }: ServedRoute): void => {
  const names: string[] = [];
  let at = root;
  for (const segment of segmentsOf(route.path)) {
    const [, name] = wholeParameter.exec(segment) ?? [];
    if (name !== undefined) names.push(name);
    at = name === undefined ? literalOf(at, segment) : parameterOf(at);
  }
  at.leaves.set(route.method, { route, serve, names });
};

const literalOf = (at: Node, segment: string): Node => {
  const next = at.literals.get(segment) ?? node();
  at.literals.set(segment, next);
  return next;
};

const parameterOf = (at: Node): Node => {
  at.parameter ??= node();
  return at.parameter;
};

/** The first leaf that fits; what its parameters are is left in `values`. */
const find = (
  at: Node,
  method: string,
  segments: readonly string[],
  depth: number,
  values: string[],
): Leaf | undefined => {
  const segment = segments[depth];
  if (segment === undefined) return at.leaves.get(method);
  const literal = at.literals.get(segment);
  const found = literal && find(literal, method, segments, depth + 1, values);
  if (found || !at.parameter || segment === '') return found;
  values.push(segment);
  const below = find(at.parameter, method, segments, depth + 1, values);
  if (!below) values.pop();
  return below;
};

/** Undefined for an escape that is broken. */
const paramsOf = (names: readonly string[], values: readonly string[]): Record<string, string> | undefined => {
  const params: Record<string, string> = Object.create(null);
  try {
    names.forEach((name, index) => {
      const value = values[index] ?? '';
      params[name] = value.includes('%') ? decodeURIComponent(value) : value;
    });
    return params;
  } catch {
    return undefined;
  }
};
