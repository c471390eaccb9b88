import type { TSchema } from '../contracts/schema.ts';

/** What the schema of a request allows where it does not say: the longest text of WhatsApp, and no list without an end. */
export const usualBounds = { text: 65_536, items: 10_000, members: 1_000, number: Number.MAX_SAFE_INTEGER } as const;

interface Shape {
  readonly [keyword: string]: unknown;
}

const maps = new Set(['properties', 'patternProperties', '$defs']);
const data = new Set(['default', 'const', 'enum', 'examples', 'required']);

/**
 * The schema of a request with a maximum for every text, list, map and whole number that declares none, so that what is
 * done with each is bounded. A text with `contentEncoding: 'base64'` is a file and bounded by the size of the body.
 */
export const boundedSchema = <S extends TSchema>(schema: S): S => bounded(schema) as S;

const bounded = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(bounded);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([keyword, inner]) => [keyword, inside(keyword, inner)]);
  return { ...boundsOf(value as Shape), ...Object.fromEntries(entries) };
};

const inside = (keyword: string, value: unknown): unknown => {
  if (data.has(keyword)) return value;
  if (!maps.has(keyword) || typeof value !== 'object' || value === null) return bounded(value);
  return Object.fromEntries(Object.entries(value).map(([name, schema]) => [name, bounded(schema)]));
};

const boundsOf = (shape: Shape): Shape => {
  const types = [shape['type']].flat();
  const isClosed = shape['enum'] !== undefined || shape['const'] !== undefined;
  return {
    ...(types.includes('string') && !isClosed && !isFile(shape) ? { maxLength: usualBounds.text } : {}),
    ...(types.includes('array') ? { maxItems: usualBounds.items } : {}),
    ...(types.includes('object') && !shape['properties'] ? { maxProperties: usualBounds.members } : {}),
    ...(types.includes('integer') && !isClosed ? { minimum: -usualBounds.number, maximum: usualBounds.number } : {}),
  };
};

const isFile = (shape: Shape): boolean => shape['contentEncoding'] === 'base64';

/** Whether a request of this schema may hold a file as text. */
export const holdsFile = (schema: unknown): boolean => {
  if (Array.isArray(schema)) return schema.some(holdsFile);
  if (typeof schema !== 'object' || schema === null) return false;
  return isFile(schema as Shape) || Object.values(schema).some(holdsFile);
};
