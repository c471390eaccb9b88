import type { ApiDocument, Operation, Parameter } from './document.ts';
import * as hostile from './hostile.ts';
import type { Random } from './random.ts';
import type { Body, FuzzRequest } from './request.ts';
import type { Values } from './values.ts';

/** How much of a request does not fit. */
const wildness = [0, 0, 0, 0.05, 0.2, 0.5] as const;

/** Makes requests for the operations of a document. */
export class Requests {
  readonly #random: Random;
  readonly #values: Values;
  readonly #operations: readonly Operation[];

  constructor(random: Random, document: ApiDocument, values: Values, accept: (operation: Operation) => boolean) {
    this.#random = random;
    this.#values = values;
    this.#operations = document.operations.filter(accept);
  }

  /** Of any operation. */
  any(): FuzzRequest {
    return this.of(this.#random.pick(this.#operations));
  }

  of(operation: Operation, wild: number = this.#random.pick(wildness)): FuzzRequest {
    const random = this.#random;
    return {
      operation,
      params: this.#texts(
        operation.parameters.filter((one) => one.in === 'path'),
        wild / 3,
      ),
      query: this.#texts(
        operation.parameters.filter((one) => one.in === 'query'),
        wild,
      ),
      headers: wild > 0 && random.chance(0.15) ? Object.fromEntries([this.#header()]) : {},
      body: this.#body(operation, wild),
    };
  }

  #header(): readonly [string, string] {
    const random = this.#random;
    return random.chance(0.4) ? ['content-type', random.pick(hostile.contentTypes)] : random.pick(hostile.headers);
  }

  #texts(parameters: readonly Parameter[], wild: number): Record<string, string> {
    const chosen = parameters.filter(
      (one) => one.in === 'path' || (one.required && !this.#random.chance(wild)) || this.#random.chance(0.3),
    );
    const entries = chosen.map(({ name, schema }) => {
      const value = this.#values.of(schema, name, wild);
      const text = typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
      // An empty segment makes another path.
      return [name, text === '' ? 'x' : text.slice(0, 3_000)] as const;
    });
    return Object.fromEntries(entries);
  }

  #body({ json, form }: Operation, wild: number): Body | undefined {
    const random = this.#random;
    if (!json) return random.chance(wild / 5) ? { kind: 'text', text: '{}' } : undefined;
    if (random.chance(wild / 3)) return { kind: 'text', text: random.pick(hostile.bodies) };
    const schema = json.schema ?? {};
    if (form && random.chance(0.2))
      return { kind: 'form', fields: fieldsOf(this.#values.of(form.schema ?? {}, 'body', wild)) };
    if (wild === 0 && random.chance(0.3) && json.example !== undefined) return { kind: 'json', value: json.example };
    return { kind: 'json', value: this.#values.of(schema, 'body', wild) };
  }
}

const fieldsOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? { ...value } : { file: String(value) };
