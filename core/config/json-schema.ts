import type { AnyPlugin } from '../contracts/plugin.ts';
import { RuntimeConfig } from './schema.ts';

type Schema = { [keyword: string]: unknown };

/** A plugin that editors know: what `use:` says, and the plugin. */
export interface KnownPlugin {
  readonly use: string;
  readonly plugin: AnyPlugin;
}

/**
 * The JSON schema of the YAML file, for editors: completion, descriptions and squiggles. It differs from the schema
 * that the runtime checks by in that defaults may be left out and placeholders stand for any value.
 */
export const editorSchema = (plugins: readonly KnownPlugin[]): Schema => {
  const root = forEditor(plain(RuntimeConfig)) as Schema & { properties: Record<string, Schema> };
  const properties = {
    ...root.properties,
    sessions: withBareNames(root.properties['sessions'] ?? {}),
    plugins: withKnownPlugins(plain(root.properties['plugins']), plugins),
  };
  return { $schema: 'http://json-schema.org/draft-07/schema#', ...root, properties };
};

/** A copy without what only the type system needs. */
const plain = (schema: unknown): Schema => JSON.parse(JSON.stringify(schema)) as Schema;

const placeholder: Schema = { type: 'string', pattern: '\\$\\{' };

/** Rewrites a schema: closed objects, nothing required that has a default, a placeholder beside every value. */
const forEditor = (schema: Schema): Schema => {
  const rewritten = withChildren(schema);
  return acceptsAnyString(rewritten) || rewritten['type'] === 'object' ? rewritten : orPlaceholder(rewritten);
};

const withChildren = (schema: Schema): Schema => {
  const out: Schema = { ...schema };
  for (const keyword of ['anyOf', 'oneOf', 'allOf']) {
    if (Array.isArray(schema[keyword])) out[keyword] = (schema[keyword] as Schema[]).map(withChildren);
  }
  if (isSchema(schema['items'])) out['items'] = forEditor(schema['items']);
  for (const keyword of ['properties', 'patternProperties']) {
    if (isSchema(schema[keyword])) out[keyword] = mapValues(schema[keyword], forEditor);
  }
  if (!isSchema(schema['properties'])) return out;
  out['additionalProperties'] ??= false;
  const required = ((schema['required'] ?? []) as string[]).filter((key) => !hasDefault(schema, key));
  if (required.length > 0) out['required'] = required;
  else delete out['required'];
  return out;
};

const hasDefault = (schema: Schema, key: string): boolean =>
  (schema['properties'] as Record<string, Schema>)[key]?.['default'] !== undefined;

/** Text that says nothing about its form takes a placeholder as it is; so does a schema with no opinion. */
const acceptsAnyString = (schema: Schema): boolean => {
  if (Array.isArray(schema['anyOf'])) return (schema['anyOf'] as Schema[]).some(acceptsAnyString);
  const limits = ['enum', 'const', 'pattern', 'format', 'allOf', 'oneOf'];
  const open = schema['type'] === undefined || schema['type'] === 'string';
  return open && !limits.some((limit) => limit in schema);
};

/** The words about a schema go outside, where editors look for them. */
const orPlaceholder = (schema: Schema): Schema => {
  const outer: Schema = {};
  const inner: Schema = {};
  for (const [keyword, value] of Object.entries(schema)) {
    (['title', 'description', 'default', 'examples'].includes(keyword) ? outer : inner)[keyword] = value;
  }
  const branches = Array.isArray(inner['anyOf']) ? (inner['anyOf'] as Schema[]) : [inner];
  return { ...outer, anyOf: [...branches, placeholder] };
};

const withBareNames = (sessions: Schema): Schema => {
  const [list, ...rest] = sessions['anyOf'] as [Schema, ...Schema[]];
  return { ...sessions, anyOf: [{ ...list, items: { anyOf: [list['items'], { type: 'string' }] } }, ...rest] };
};

const withKnownPlugins = (entries: Schema, plugins: readonly KnownPlugin[]): Schema => {
  const [list] = entries['anyOf'] as [Schema];
  const item = list['items'] as Schema & { properties: Record<string, Schema> };
  const use = {
    description: item.properties['use']?.['description'],
    anyOf: [...plugins.map(({ use, plugin }) => choice(use, plugin)), { type: 'string', minLength: 1 }],
  };
  const allOf = plugins.map(({ use, plugin }) => ({
    if: { properties: { use: { const: use } }, required: ['use'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON schema
    then: { properties: { config: configSchema(plugin) } },
  }));
  return { ...list, items: { ...item, properties: { ...item.properties, use }, allOf } };
};

const choice = (use: string, { description }: AnyPlugin): Schema =>
  description === undefined ? { const: use } : { const: use, description };

const configSchema = ({ config }: AnyPlugin): Schema =>
  config ? forEditor(plain(config)) : { type: 'object', maxProperties: 0 };

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const mapValues = (record: Schema, map: (schema: Schema) => Schema): Schema =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, isSchema(value) ? map(value) : value]));
