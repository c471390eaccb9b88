import { type ConfigPath, pathKey } from './parse-yaml.ts';

/** Where a string came from, when placeholders made it. */
export interface Origin {
  readonly names: readonly string[];
  readonly exact: boolean;
}
export type Origins = ReadonlyMap<string, Origin>;

/** The parts of a JSON schema that decide a value's type. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
}

/**
 * Gives strings that placeholders made the type that the schema asks for: numbers, booleans, the right case of a
 * choice, and lists from `a, b`. A string stays one where the schema takes strings, so a key of digits survives.
 * Where the schema has no opinion, YAML's own rules apply. What fits nowhere is left for the check to name.
 */
export const fitTypes = (value: unknown, schema: unknown, origins: Origins, path: ConfigPath = []): unknown =>
  fitValue(value, branches(schema as Schema), origins, path);

const fitValue = (value: unknown, schemas: readonly Schema[], origins: Origins, path: ConfigPath): unknown => {
  if (typeof value === 'string') {
    const origin = origins.get(pathKey(path));
    return origin ? fitString(value, schemas, origin) : value;
  }
  if (Array.isArray(value)) {
    const items = itemsOf(schemas);
    return value.map((item, index) => fitValue(item, items, origins, [...path, index]));
  }
  if (typeof value !== 'object' || value === null) return value;
  const fitted = Object.entries(value).map(([key, inner]): [string, unknown] => [
    key,
    fitValue(inner, propertyOf(schemas, key), origins, [...path, key]),
  ]);
  return Object.fromEntries(fitted);
};

const branches = (schema: Schema | boolean | undefined): Schema[] => {
  if (typeof schema !== 'object') return [];
  const inner = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  return inner.length > 0 ? [schema, ...inner.flatMap(branches)] : [schema];
};

const itemsOf = (schemas: readonly Schema[]): Schema[] => schemas.flatMap(({ items }) => branches(items));

const propertyOf = (schemas: readonly Schema[], key: string): Schema[] =>
  schemas.flatMap(({ properties, patternProperties, additionalProperties }) => {
    if (properties && Object.hasOwn(properties, key)) return branches(properties[key]);
    const matching = Object.entries(patternProperties ?? {}).filter(([pattern]) => new RegExp(pattern, 'u').test(key));
    if (matching.length > 0) return matching.flatMap(([, schema]) => branches(schema));
    return branches(additionalProperties);
  });

const fitString = (text: string, schemas: readonly Schema[], { exact }: Origin): unknown => {
  const types = new Set(schemas.flatMap(typesOf));
  if (types.has('string')) return rightCase(text, schemas);
  if (types.has('array')) return splitList(text, itemsOf(schemas));
  if (!exact) return text;
  const untyped = types.size === 0;
  if (untyped || types.has('boolean')) {
    const truth = untyped ? yamlBooleans.get(text.trim()) : booleans.get(text.trim().toLowerCase());
    if (truth !== undefined) return truth;
  }
  const number = untyped || types.has('number') || types.has('integer') ? numberIn(text) : null;
  return number ?? text;
};

const typesOf = ({ type, enum: choices, const: only }: Schema): readonly string[] => {
  if (type !== undefined) return typeof type === 'string' ? [type] : type;
  return [...(choices ?? []), ...(only === undefined ? [] : [only])].map((choice) => typeof choice);
};

/** `INFO` is meant to be `info` when only that is a choice. */
const rightCase = (text: string, schemas: readonly Schema[]): string => {
  const choices = schemas.flatMap((schema) => schema.enum ?? []);
  if (choices.includes(text)) return text;
  const same = choices.find((choice) => typeof choice === 'string' && choice.toLowerCase() === text.toLowerCase());
  return typeof same === 'string' ? same : text;
};

const splitList = (text: string, items: readonly Schema[]): unknown[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => fitString(part, items, { names: [], exact: true }));

const yamlBooleans = new Map(
  ['true', 'True', 'TRUE', 'false', 'False', 'FALSE'].map((word) => [word, word.toLowerCase() === 'true']),
);

/** What environment variables say for yes and no. */
const booleans = new Map([
  ...['true', 'yes', 'on', '1'].map((word) => [word, true] as const),
  ...['false', 'no', 'off', '0'].map((word) => [word, false] as const),
]);

const numberPattern = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;

const numberIn = (text: string): number | null => (numberPattern.test(text.trim()) ? Number(text.trim()) : null);
