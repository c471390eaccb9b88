import type { TSchema } from '../contracts/schema.ts';
import { checkStructure } from './bounded-json.ts';

/** The keywords of JSON Schema that say what a value may be. */
interface Shape {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly patternProperties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
  readonly allOf?: readonly Shape[];
}

/** Changes a value in place. */
type Change = (value: unknown) => void;

/**
 * What clients write for what they mean, made into what the schema has, in place and before the check.
 *
 * - `null` is the same as nothing, except where the schema lists it: most languages write fields that have no value as null.
 * - With `asText` (queries and forms, where everything is a text): `True`, `1` and `on` are true; a field without a text is
 *   absent unless it is a text; JSON stands for an object or a list; a number is a plain decimal one.
 */
export const requestValues = (schema: TSchema, asText: boolean): Change =>
  changeOf(branchesOf(schema as Shape), asText);

/** A schema and everything that it is made of by `anyOf`, `oneOf` and `allOf`. */
const branchesOf = (shape: Shape): Shape[] => [
  shape,
  ...[shape.anyOf, shape.oneOf, shape.allOf].flatMap((choices) => choices ?? []).flatMap(branchesOf),
];

const typesOf = ({ type }: Shape): readonly string[] => (type === undefined ? [] : [type].flat());
const isChoice = ({ anyOf, oneOf, allOf }: Shape): boolean => Boolean(anyOf ?? oneOf ?? allOf);
const isOpen = (shape: Shape): boolean =>
  shape.type === undefined && shape.enum === undefined && !('const' in shape) && !isChoice(shape);

/** What may stand in one field. */
class Field {
  readonly #branches: readonly Shape[];
  readonly #types: ReadonlySet<string>;
  readonly takesNull: boolean;
  readonly change: Change;

  constructor(shapes: readonly Shape[], asText: boolean) {
    this.#branches = shapes.flatMap(branchesOf);
    this.#types = new Set(this.#branches.flatMap(typesOf));
    this.takesNull = this.#types.has('null') || this.#branches.some((shape) => isOpen(shape) || listsNull(shape));
    this.change = changeOf(this.#branches, asText);
  }

  /** ajv takes everything for a number that JavaScript does (`0x10`, `1e3`, ` 5`): what is no plain one gets a value that fails. */
  #number(text: string): unknown {
    const isWanted = this.#types.has('integer') || this.#types.has('number');
    return isWanted && !/^-?\d+(\.\d+)?$/.test(text) ? {} : text;
  }

  /** The value that a text stands for; undefined for none at all. Throws `BAD_REQUEST` with the name of the field. */
  read(text: string, name: string): unknown {
    if (this.#branches.some(isOpen)) return text;
    const isEnum = this.#branches.some((branch) => branch.enum !== undefined);
    // JavaScript writes the last two into an address for what is not there.
    const isNothing = text === '' || text === 'null' || text === 'undefined';
    if (isNothing && (isEnum || !this.#types.has('string'))) return undefined;
    if (this.#types.has('string')) return text;
    if (this.#types.has('boolean')) return switches.get(text.toLowerCase()) ?? this.#number(text);
    return /^\s*[[{]/.test(text) ? parsed(text, name) : this.#number(text);
  }
}

const listsNull = (shape: Shape): boolean => shape.const === null || (shape.enum?.includes(null) ?? false);

const switches: ReadonlyMap<string, boolean> = new Map([
  ...['true', '1', 'yes', 'on'].map((word) => [word, true] as const),
  ...['false', '0', 'no', 'off'].map((word) => [word, false] as const),
]);

/** What cannot be parsed stays a text; the check then says what is wanted. It may have no more structure than a body. */
const parsed = (text: string, name: string): unknown => {
  checkStructure(text, name);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

const changeOf = (branches: readonly Shape[], asText: boolean): Change => {
  const fieldOf = fieldsOf(branches, asText);
  const items = branches.flatMap((shape) => (shape.items ? [shape.items] : []));
  const item = items.length > 0 ? new Field(items, asText) : undefined;
  return (value) => {
    if (Array.isArray(value)) {
      for (const [at, one] of value.entries()) {
        if (asText && item && typeof one === 'string') value[at] = item.read(one, String(at)) ?? one;
        else item?.change(one);
      }
    } else if (typeof value === 'object' && value !== null) {
      for (const name of Object.keys(value)) changeField(value as Record<string, unknown>, name, fieldOf(name), asText);
    }
  };
};

const changeField = (owner: Record<string, unknown>, name: string, field: Field | undefined, asText: boolean): void => {
  if (!field) return;
  const given = owner[name];
  const meant = asText && typeof given === 'string' ? field.read(given, name) : given;
  if (meant === undefined || (meant === null && !field.takesNull)) {
    delete owner[name];
    return;
  }
  if (meant !== given) owner[name] = meant;
  field.change(meant);
};

/** The field of each name, made when it is first asked for: schemas are large, and requests are small. */
const fieldsOf = (branches: readonly Shape[], asText: boolean): ((name: string) => Field | undefined) => {
  const shapes = new Map<string, Shape[]>();
  for (const { properties = {} } of branches) {
    for (const [name, shape] of Object.entries(properties)) shapes.set(name, [...(shapes.get(name) ?? []), shape]);
  }
  const patterns = branches.flatMap(({ patternProperties = {} }) => Object.entries(patternProperties));
  const entry =
    patterns.length > 0
      ? new Field(
          patterns.map(([, shape]) => shape),
          asText,
        )
      : undefined;
  const fields = new Map<string, Field>();
  return (name) => {
    const known = fields.get(name);
    if (known) return known;
    const own = shapes.get(name);
    if (!own) return entry;
    const field = new Field(own, asText);
    fields.set(name, field);
    return field;
  };
};

const literals = new Set(['default', 'const', 'enum', 'examples']);
const safe: Readonly<Record<string, object>> = {
  integer: { minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER },
  number: { minimum: -Number.MAX_VALUE, maximum: Number.MAX_VALUE },
};

/**
 * The same schema with limits for every number that has none: whole numbers that JavaScript cannot tell from their
 * neighbours, and texts that stand for infinity (`1e400`), fail in whatever they are given to.
 */
export const withinSafeNumbers = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(withinSafeNumbers);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inner = Object.entries(schema).map(([key, value]) => [
    key,
    literals.has(key) ? value : withinSafeNumbers(value),
  ]);
  const { type } = schema as Shape;
  return { ...(typeof type === 'string' ? safe[type] : {}), ...Object.fromEntries(inner) };
};
