import type { Log, TSchema } from 'waha-runtime';

type Json = Readonly<Record<string, unknown>>;

/** Keywords whose value is data, not a schema. */
const literals = new Set(['default', 'const', 'enum', 'examples', 'required']);
/** Keywords whose value maps names of the author's choice to schemas. */
const maps = new Set(['properties', 'patternProperties', '$defs']);
const namePattern = /^[A-Za-z0-9._-]+$/;

/** Collects the schemas that have a name (see `named`), so that each stands in the document once. */
export class SchemaBook {
  readonly #log: Log;
  readonly #schemas = new Map<string, Json>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** The schema as the document shows it: a reference when it has a name. */
  add(schema: TSchema): Json {
    return this.#schema(JSON.parse(JSON.stringify(schema)));
  }

  /** `components.schemas`, in order of name. */
  get components(): Readonly<Record<string, Json>> {
    return Object.fromEntries([...this.#schemas].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #schema(schema: Json): Json {
    const { title } = schema;
    const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, this.#keyword(key, value)]));
    if (typeof title !== 'string' || !namePattern.test(title)) return inner;
    const first = this.#schemas.get(title);
    if (first && JSON.stringify(first) !== JSON.stringify(inner)) {
      this.#log.warn(`two schemas are named '${title}'; the second is written out where it is used`);
      return inner;
    }
    this.#schemas.set(title, inner);
    return { $ref: `#/components/schemas/${title}` };
  }

  #keyword(key: string, value: unknown): unknown {
    if (literals.has(key)) return value;
    if (!maps.has(key)) return this.#walk(value);
    const entries = Object.entries(value as Json).map(([name, schema]) => [name, this.#walk(schema)]);
    return Object.fromEntries(entries);
  }

  #walk(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#walk(item));
    return typeof value === 'object' && value !== null ? this.#schema(value as Json) : value;
  }
}
