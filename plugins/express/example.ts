/** The keywords of JSON Schema that an example is made from. */
interface Shape {
  readonly type?: string | readonly string[];
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Shape[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly items?: Shape;
  readonly minItems?: number;
  readonly minimum?: number;
  readonly format?: string;
}

/**
 * An example of what a schema describes: what it says itself (`examples`, `default`), else the least that fits. Of an
 * object, what is required and what has an example of its own.
 */
export const exampleOf = (schema: unknown): unknown => {
  const shape = schema as Shape;
  const [own = shape.default ?? shape.const ?? shape.enum?.[0]] = shape.examples ?? [];
  if (own !== undefined) return own;
  const branch = shape.anyOf?.find(({ type }) => type !== 'null');
  if (branch) return exampleOf(branch);
  if (shape.properties) return objectExample(shape.properties, shape.required ?? []);
  switch (shape.type) {
    case 'array':
      return Array.from({ length: shape.minItems ?? 1 }, () => exampleOf(shape.items ?? {}));
    case 'string':
      return shape.format === 'uri' ? 'https://example.org' : 'text';
    case 'integer':
    case 'number':
      return shape.minimum ?? 0;
    case 'boolean':
      return true;
    default:
      return {};
  }
};

const objectExample = (properties: Readonly<Record<string, Shape>>, required: readonly string[]) => {
  const shown = Object.entries(properties).filter(([name, { examples }]) => required.includes(name) || examples);
  return Object.fromEntries(shown.map(([name, property]) => [name, exampleOf(property)]));
};
