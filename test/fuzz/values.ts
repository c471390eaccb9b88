import type { ApiDocument, Schema } from './document.ts';
import * as hostile from './hostile.ts';
import type { Known } from './known.ts';
import type { Random } from './random.ts';

/** Makes values of schemas: fitting ones, those at the bounds, and hostile ones. */
export class Values {
  readonly #random: Random;
  readonly #document: ApiDocument;
  readonly #known: Known;

  constructor(random: Random, document: ApiDocument, known: Known) {
    this.#random = random;
    this.#document = document;
    this.#known = known;
  }

  /** `name` is the field it is for. `wild` is the share of parts that do not fit. */
  of(schema: Schema, name: string, wild: number): unknown {
    const random = this.#random;
    if (random.chance(wild)) return this.#odd();
    const shape = this.#document.resolve(schema);
    if ('const' in shape) return shape.const;
    if (shape.enum) return random.pick(shape.enum);
    const choices = shape.anyOf ?? shape.oneOf;
    if (choices) return this.of(random.pick(choices), name, wild);
    if (shape.allOf) return Object.assign({}, ...shape.allOf.map((part) => this.of(part, name, wild)));
    const types = [shape.type ?? (shape.properties ? 'object' : 'any')].flat();
    return this.#ofType(random.pick(types), shape, name, wild);
  }

  #ofType(type: string, shape: Schema, name: string, wild: number): unknown {
    const random = this.#random;
    switch (type) {
      case 'object':
        return this.#object(shape, wild);
      case 'array': {
        const { minItems = 0, maxItems = 1_000, items = {} } = shape;
        const count = random.chance(0.02) ? Math.min(maxItems + 1, 1_000) : minItems + random.below(3);
        return Array.from({ length: count }, () => this.of(items, name, wild));
      }
      case 'string':
        return this.#text(shape, name);
      case 'integer':
      case 'number':
        // How long an answer may be waited for is not what is tried.
        if (name === 'timeoutSeconds') return random.pick([1, 0, -1, 61]);
        return name === 'waitMs' ? random.below(50) : this.#number(shape);
      case 'boolean':
        return random.chance(0.5);
      case 'null':
        return null;
      default:
        return this.#odd();
    }
  }

  #object({ properties = {}, required = [] }: Schema, wild: number): Record<string, unknown> {
    const random = this.#random;
    const made: Record<string, unknown> = {};
    for (const [name, schema] of Object.entries(properties)) {
      const isThere = required.includes(name) ? !random.chance(wild / 2) : random.chance(0.35);
      if (isThere) made[name] = this.of(schema, name, wild);
    }
    if (random.chance(wild)) made[random.pick(hostile.texts).slice(0, 50)] = this.#odd();
    return made;
  }

  #text({ examples, default: usual, minLength = 0, maxLength, format }: Schema, name: string): string {
    const random = this.#random;
    const known = this.#known.of(name);
    if (known.length > 0 && random.chance(0.8)) return random.pick(known);
    if (maxLength !== undefined && random.chance(0.05))
      return 'x'.repeat(Math.min(maxLength + random.below(2), 70_000));
    if (random.chance(0.05)) return 'x'.repeat(Math.max(0, minLength - random.below(2)));
    if (format === 'uri') return random.pick(this.#known.of('url'));
    if (format === 'date-time') return '2026-01-02T03:04:05.000Z';
    return String(random.pick([...(examples ?? []), usual ?? 'text', 'text']));
  }

  #number({ minimum = 0, maximum = 100, default: usual = 1 }: Schema): number {
    const random = this.#random;
    const bounds = [minimum, maximum, minimum - 1, maximum + 1];
    return random.chance(0.3) ? random.pick(bounds) : random.pick([Number(usual), minimum, minimum + random.below(10)]);
  }

  #odd(): unknown {
    return this.#random.pick(this.#random.pick([hostile.texts, hostile.numbers, hostile.values]));
  }
}
