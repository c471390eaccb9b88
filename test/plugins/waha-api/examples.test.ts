import { beforeAll, describe, expect, it } from 'vitest';
import { compile, type Route, type RouteGroup, type TSchema } from '../../../core/index.ts';
import { exampleOf } from '../../../plugins/express/example.ts';
import { groupsOf, type Services } from '../../../plugins/waha-api/tags.ts';

const routes = groupsOf({ sessions: {}, plugins: {}, runtime: {} } as unknown as Services)
  .flatMap(({ routes }: RouteGroup) => [...routes])
  .filter((route): route is Route & { body: TSchema } => route.body !== undefined);
const byName = routes.map((route) => [`${route.method} ${route.path}`, route] as const);

interface Shape {
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Shape[];
  readonly items?: Shape;
  readonly type?: string;
}

/** The example with null in every optional field, at every depth that it has. */
const withNulls = (schema: unknown, value: unknown): unknown => {
  const shape = schema as Shape;
  const branches = [shape, ...(shape.anyOf ?? [])];
  if (Array.isArray(value)) return value.map((one) => withNulls(branches.find(({ items }) => items)?.items ?? {}, one));
  if (typeof value !== 'object' || value === null) return value;
  const own = value as Record<string, unknown>;
  const fields = new Map(branches.flatMap(({ properties = {} }) => Object.entries(properties)));
  const required = new Set(branches.flatMap((branch) => branch.required ?? []).filter((name) => name in own));
  return Object.fromEntries(
    [...fields].map(([name, field]) => [name, required.has(name) ? withNulls(field, own[name]) : null]),
  );
};

const refused = (schema: TSchema, value: unknown): readonly string[] => {
  const checked = compile(schema, { unknown: 'ignore' })(value);
  return checked.ok ? [] : checked.violations.map(({ message }) => message);
};

describe('the example of every operation', () => {
  beforeAll(() => expect(byName.length).toBeGreaterThan(35));

  it.each(byName)('%s fits its schema', (_name, { body }) => {
    expect(refused(body, exampleOf(body))).toEqual([]);
  });

  it.each(byName)('%s fits with null in every optional field', (_name, { body }) => {
    expect(refused(body, withNulls(body, exampleOf(body)))).toEqual([]);
  });
});
