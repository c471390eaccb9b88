import { type Schema, Validator } from '@cfworker/json-schema';
import type { Static, TSchema } from '../contracts/schema.ts';
import { type Checked, closeObjects, compile } from './validate.ts';

/**
 * Checks a value that is checked once, as a config is, with defaults filled in and unknown keys refused. Its answer is that
 * of `compile(schema, { unknown: 'reject' })`, without compiling anything for a value that has no fault: for fifty plugins
 * that would be a tenth of a second. Code that ajv writes at build time would know the built-in plugins only, and takes
 * longer to load than this takes to check (docs/performance.md).
 */
export const checkOnce = <S extends TSchema>(schema: S, value: unknown): Checked<Static<S>> => {
  const copy: unknown = structuredClone(value);
  if (fits(schema, copy)) return { ok: true, value: copy as Static<S> };
  const check = compiled.get(schema) ?? compile(schema, { unknown: 'reject' });
  compiled.set(schema, check);
  return check(value) as Checked<Static<S>>;
};

/** Of schemas that had a fault to tell: it may come again. */
const compiled = new WeakMap<TSchema, ReturnType<typeof compile>>();

/** True for a JSON value that the schema accepts, with its defaults filled in as ajv does. False: ask ajv. */
export const fits = (schema: TSchema, value: unknown): boolean => {
  fillIn(schema, value);
  try {
    return new Validator(closeObjects(schema) as Schema, '7', true).validate(value).valid;
  } catch {
    // Values that are no JSON, such as undefined.
    return false;
  }
};

/** A branch of an `anyOf` gives no defaults. */
const fillIn = (schema: unknown, value: unknown): void => {
  if (!isRecord(schema)) return;
  if (Array.isArray(value)) for (const item of value) fillIn(schema['items'], item);
  if (!isRecord(value)) return;
  for (const [name, property] of Object.entries(schema['properties'] ?? {})) {
    const initial = isRecord(property) ? property['default'] : undefined;
    if (value[name] === undefined && initial !== undefined) value[name] = structuredClone(initial);
    fillIn(property, value[name]);
  }
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
