/** The keywords that requests are made from. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly format?: string;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required?: boolean;
  readonly schema: Schema;
}

interface Media {
  readonly schema?: Schema;
  readonly example?: unknown;
}

interface Response {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, Media>>;
}

interface Described {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, Response>>;
}

export interface Operation {
  readonly method: string;
  /** OpenAPI form: `/api/sessions/{session}`. */
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly json: Media | undefined;
  readonly form: Media | undefined;
  /** It is no operation of the document, but an address that pages may have: any refusal is right. */
  readonly isPage?: true;
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly responses: Readonly<Record<string, Response>> };
}

/** What a server says of itself at `/openapi.json`. */
export class ApiDocument {
  readonly operations: readonly Operation[];
  readonly #whole: OpenApi;

  constructor(whole: unknown) {
    this.#whole = whole as OpenApi;
    this.operations = Object.entries(this.#whole.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { parameters = [], requestBody }]) => ({
        method: method.toUpperCase(),
        path,
        parameters,
        json: requestBody?.content['application/json'],
        form: requestBody?.content['multipart/form-data'],
      })),
    );
  }

  /** For a validator: what `#/components/…` refers to. */
  get whole(): object {
    return this.#whole;
  }

  operation(method: string, path: string): Operation {
    const found = this.operations.find((one) => one.method === method && one.path === path);
    if (!found) throw new Error(`the document has no ${method} ${path}`);
    return found;
  }

  /** What is declared for a status; undefined for one that is not. */
  answer({ method, path }: Operation, status: number): Response | undefined {
    const declared = this.#whole.paths[path]?.[method.toLowerCase()]?.responses[status];
    if (!declared?.$ref) return declared;
    return this.#whole.components.responses[declared.$ref.split('/').at(-1) ?? ''];
  }

  resolve(schema: Schema): Schema {
    if (!schema.$ref) return schema;
    const found = schema.$ref
      .split('/')
      .slice(1)
      .reduce<unknown>((place, name) => (place as Record<string, unknown> | undefined)?.[name], this.#whole);
    return this.resolve(found as Schema);
  }
}
