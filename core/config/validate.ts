import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import type { Ajv, ErrorObject, ValidateFunction } from 'ajv';
import { closest, distance } from 'fastest-levenshtein';
import type { Static, TSchema } from '../contracts/schema.ts';
import { requestValues, withinSafeNumbers } from './request-values.ts';
import { lengthKeywords } from './text-length.ts';

/** One fault of a value. */
export interface Violation {
  /** Where it is, as keys from the root: `['plugins', '0', 'config']`. */
  readonly path: readonly string[];
  /** A sentence that begins with the field: `config.port must be integer`. */
  readonly message: string;
}

/** What a check says: the value with defaults filled in, or every violation that was found. */
export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly violations: readonly Violation[] };

export interface CheckOptions {
  /** What a key does that the schema does not have: `ignore` (an HTTP body) or `reject` (a config). */
  readonly unknown?: 'ignore' | 'reject';
  /** Turn strings into the numbers, booleans and lists that the schema asks for (query and path parameters). */
  readonly coerce?: boolean;
}

/** ajv is 63 files, and a start with a config without faults needs none of them. */
const require = createRequire(import.meta.url);

const isTimeZone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
};

const strictAjv = (coerce: boolean, allErrors: boolean): Ajv => {
  const { Ajv } = require('ajv') as typeof import('ajv');
  const formats = require('ajv-formats') as typeof import('ajv-formats');
  const ajv = new Ajv({
    allErrors,
    useDefaults: true,
    strict: false,
    coerceTypes: coerce ? 'array' : false,
    // Tidying the generated code takes longer than our schemas ever save by it.
    code: { optimize: false },
    // For "did you mean": errors then know their schema. Messages never quote the value, it may be a secret.
    verbose: true,
  });
  formats.default(ajv);
  for (const length of lengthKeywords) ajv.removeKeyword(length.keyword).addKeyword(length);
  ajv.addFormat('time-zone', { type: 'string', validate: isTimeZone });
  return ajv;
};

const ajvs = new Map<string, Ajv>();

const ajvOf = (coerce: boolean, allErrors: boolean): Ajv => {
  const kind = `${coerce} ${allErrors}`;
  const ajv = ajvs.get(kind) ?? strictAjv(coerce, allErrors);
  ajvs.set(kind, ajv);
  return ajv;
};

const validators = new Map<string, ValidateFunction>();

/**
 * ajv's code for a schema, made once for all that are equal: many operations have the same, and ajv keeps for ever what it
 * made, also for a plugin that was loaded anew since.
 */
const validatorOf = (schema: object, coerce: boolean, allErrors: boolean): ValidateFunction => {
  const text = `${coerce} ${allErrors} ${JSON.stringify(schema)}`;
  const name = createHash('sha256').update(text).digest('base64');
  const validator = validators.get(name) ?? ajvOf(coerce, allErrors).compile(schema);
  validators.set(name, validator);
  return validator;
};

/** A value with more parts than this is told its first fault only: to find them all costs more than the value is worth. */
const MAX_PARTS = 5_000;
/** So many faults are told of one value; the others come up once these are mended. */
const MAX_VIOLATIONS = 50;

/**
 * Compiles a schema once into a check. The check copies its input, fills in defaults, and lists the faults: all of a
 * value of usual size (the first 50), the first one of a huge request. It counts before it looks inside: a list that is too
 * long costs nothing more. Faults never quote the value. Of a request (`unknown` is not `reject`), null counts as absent: see `requestValues`.
 */
export const compile = <S extends TSchema>(
  schema: S,
  options: CheckOptions = {},
): ((value: unknown) => Checked<Static<S>>) => {
  const closed = options.unknown === 'reject' ? closeObjects(schema) : withinSafeNumbers(schema);
  const { coerce = false } = options;
  const first: ValidateFunction = validatorOf(closed as object, coerce, false);
  let all: ValidateFunction | undefined;
  const isHuge = (value: unknown) => options.unknown !== 'reject' && hasParts(value, MAX_PARTS);
  const read = options.unknown === 'reject' ? undefined : requestValues(schema, options.coerce ?? false);
  return (value) => {
    const copy = copied(value);
    read?.(copy);
    if (first(copy)) return { ok: true, value: copy as Static<S> };
    // Not of what was given: a field of a form may be a text that stands for a long list.
    if (isHuge(copy)) return { ok: false, violations: violationsOf(first.errors ?? []) };
    all ??= validatorOf(closed as object, coerce, true);
    const again = copied(value);
    read?.(again);
    all(again);
    return { ok: false, violations: violationsOf(all.errors ?? []) };
  };
};

/** A copy of its lists and objects. Unlike `structuredClone` it does not copy the texts, of which one may be a file. */
const copied = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(copied);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copied(inner)]));
};

/** Whether a value consists of so many values, or more. */
const hasParts = (value: unknown, count: number): boolean => {
  const open: unknown[] = [value];
  for (let seen = 1; open.length > 0; ) {
    const next = open.pop();
    const inner = typeof next === 'object' && next !== null ? Object.values(next) : [];
    seen += inner.length;
    if (seen >= count) return true;
    open.push(...inner);
  }
  return false;
};

/** The same schema with `additionalProperties: false` wherever an object lists its properties and does not say. */
export const closeObjects = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(closeObjects);
  if (typeof schema !== 'object' || schema === null) return schema;
  const closed = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closeKeyword(key, value)]));
  if (closed['properties'] && closed['additionalProperties'] === undefined) closed['additionalProperties'] = false;
  return closed;
};

/** Says in words what a `pattern` asks for; its message has them instead of the expression. */
const ruleKeyword = 'x-rule';

const literalKeywords = new Set(['default', 'const', 'enum', 'examples']);
const namedSchemas = new Set(['properties', 'patternProperties', '$defs']);

const closeKeyword = (keyword: string, value: unknown): unknown => {
  if (literalKeywords.has(keyword)) return value;
  if (!namedSchemas.has(keyword)) return closeObjects(value);
  return Object.fromEntries(Object.entries(value as object).map(([name, schema]) => [name, closeObjects(schema)]));
};

/** An `anyOf` reports every branch; the branches for null and for other types say nothing to a reader. */
const violationsOf = (errors: readonly ErrorObject[]): Violation[] => {
  const some = errors.slice(0, 10 * MAX_VIOLATIONS);
  const telling = some.filter((error) => !isNoise(error, some));
  const seen = new Map<string, Violation>();
  for (const error of telling.length > 0 ? telling : some) {
    const violation = violationOf(error);
    seen.set(violation.message, violation);
    if (seen.size === MAX_VIOLATIONS) break;
  }
  return [...seen.values()];
};

const isNoise = (error: ErrorObject, all: readonly ErrorObject[]): boolean => {
  const sums = error.keyword === 'anyOf' || error.keyword === 'propertyNames';
  if (sums) return all.some((other) => other !== error && within(other, error));
  const isNullBranch = error.keyword === 'type' && (error.params as { type: unknown }).type === 'null';
  return isNullBranch && all.some((other) => other !== error && other.keyword !== 'anyOf' && within(other, error));
};

const within = (inner: ErrorObject, outer: ErrorObject): boolean =>
  inner.instancePath === outer.instancePath || inner.instancePath.startsWith(`${outer.instancePath}/`);

const violationOf = (error: ErrorObject): Violation => {
  const path = error.instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const params = error.params as Record<string, unknown>;
  const subject = subjectOf(path, error.propertyName);
  if (error.keyword === 'required') {
    const full = [...path, String(params['missingProperty'])];
    return { path: full, message: `${shown(full)} is required` };
  }
  if (error.keyword === 'additionalProperties') {
    const key = String(params['additionalProperty']);
    const full = [...path, key];
    return { path: full, message: `${shown(full)} is unknown${suggestion(key, error)}` };
  }
  const rule = (error.parentSchema as Record<string, unknown> | undefined)?.[ruleKeyword];
  if (error.keyword === 'pattern' && typeof rule === 'string') {
    return { path, message: `${subject} must be ${rule}` };
  }
  const allowed = error.keyword === 'enum' ? allowedValues(params['allowedValues'] as unknown[], error.data) : '';
  return { path, message: `${subject} ${error.message ?? 'is invalid'}${allowed}` };
};

/** All that is allowed, and which of it is near. The value itself is not said: it may be a secret. */
const allowedValues = (allowed: readonly unknown[], value: unknown): string => {
  const list = `: ${allowed.join(', ')}`;
  if (typeof value !== 'string' || value.length > 100) return list;
  const words = allowed.filter((one) => typeof one === 'string');
  const exact = words.find((word) => word.toLowerCase() === value.toLowerCase());
  return list + (exact ? `; did you mean '${exact}'?` : didYouMean(value, words));
};

/** What is wrong, in words: a field, or one of the keys of an object. */
const subjectOf = (path: readonly string[], key: string | undefined): string => {
  const field = shown(path) || 'value';
  return key === undefined ? field : `${field}: the key ${JSON.stringify(key.slice(0, 50))}`;
};

/** A field as an answer and a log may show it, whatever its names are made of. */
const shown = (path: readonly string[]): string => path.join('.').replace(/\p{Cc}/gu, '\ufffd');

const suggestion = (key: string, error: ErrorObject): string => {
  const parent = error.parentSchema as { properties?: Record<string, unknown> } | undefined;
  return didYouMean(key, Object.keys(parent?.properties ?? {}));
};

/** `; did you mean 'x'?` when one of the known words is near, else nothing. */
export const didYouMean = (word: string, known: readonly string[]): string => {
  if (known.length === 0) return '';
  const nearest = closest(word, known as string[]);
  return distance(word, nearest) <= Math.max(2, word.length / 3) ? `; did you mean '${nearest}'?` : '';
};
