import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { eventNames, type Sessions } from '../../../core/index.ts';
import { serveApi } from './api.ts';

/** An operation of WAHA's document; `body` and `answer` name shapes. */
interface Operation {
  readonly operation: string;
  readonly tag: string;
  readonly deprecated?: boolean;
  readonly query: readonly string[];
  readonly body?: string;
  readonly status: number;
  readonly answer?: string;
}
interface Contract {
  readonly operations: readonly Operation[];
  /** Paths of properties; a `?` at the end says that clients may leave it out. */
  readonly shapes: Readonly<Record<string, readonly string[]>>;
}
interface Schema {
  readonly $ref?: string;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
}
interface Described {
  readonly tags: readonly string[];
  readonly deprecated?: boolean;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: Answer;
  readonly responses: Readonly<Record<string, Answer>>;
}
interface Answer {
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}
interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly webhooks: Readonly<Record<string, unknown>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const contract = JSON.parse(readFileSync(new URL('contract.json', import.meta.url), 'utf8')) as Contract;

let openApi: OpenApi;
beforeAll(async () => {
  const api = await serveApi({} as Sessions);
  openApi = (await api.get('/openapi.json')).body as OpenApi;
  expect(api.log.lines.filter(({ level }) => level === 'warn')).toEqual([]);
  await api.close();
});

/** The schema and, where it is a choice, every branch of it. */
const branches = (schema: Schema | undefined): Schema[] => {
  if (!schema) return [];
  if (schema.$ref) return branches(openApi.components.schemas[schema.$ref.split('/').at(-1) ?? '']);
  return [schema, ...(schema.anyOf ?? []).flatMap(branches)];
};
const step = (schemas: readonly Schema[], key: string): Schema[] =>
  key === '[]'
    ? schemas.flatMap(({ items }) => branches(items))
    : schemas.flatMap(({ properties }) => branches(properties?.[key]));
const keysOf = (path: string): string[] => path.replaceAll('[]', '.[]').split('.');

const at = (schema: Schema | undefined, path: string): Schema[] =>
  path === '' ? branches(schema) : keysOf(path).reduce(step, branches(schema));

const missing = (shape: string, schema: Schema | undefined): string[] => {
  const root = shape.endsWith('[]') ? step(branches(schema), '[]') : branches(schema);
  const paths = contract.shapes[shape.replace('[]', '')] ?? [];
  return paths.map((path) => path.replace(/\?$/, '')).filter((path) => keysOf(path).reduce(step, root).length === 0);
};

/** Properties that the contract lets clients leave out and our schema insists on. */
const tooStrict = (shape: string, schema: Schema | undefined): string[] =>
  (contract.shapes[shape] ?? [])
    .filter((path) => path.endsWith('?'))
    .map((path) => path.slice(0, -1))
    .filter((path) => {
      const keys = keysOf(path);
      const name = keys.pop() ?? '';
      return at(schema, keys.join('.').replaceAll('.[]', '[]')).some(({ required }) => required?.includes(name));
    });

const jsonOf = (answer: Answer | undefined): Schema | undefined => answer?.content?.['application/json']?.schema;

describe('the document', () => {
  it.each(contract.operations.map((operation) => [operation.operation, operation] as const))(
    'has %s as WAHA does',
    (name, expected) => {
      const [method = '', path = ''] = name.split(' ');
      const own = openApi.paths[path]?.[method.toLowerCase()];
      expect(own?.tags).toEqual([expected.tag]);
      expect(own?.deprecated ?? false).toBe(expected.deprecated ?? false);
      const query = own?.parameters.filter((parameter) => parameter.in === 'query').map((parameter) => parameter.name);
      expect(query).toEqual(expect.arrayContaining([...expected.query]));
      expect(Object.keys(own?.responses ?? {}).find((status) => status.startsWith('2'))).toBe(String(expected.status));
      if (expected.body) {
        expect(missing(expected.body, jsonOf(own?.requestBody))).toEqual([]);
        expect(tooStrict(expected.body, jsonOf(own?.requestBody))).toEqual([]);
      }
      for (const shape of expected.answer?.split('|') ?? []) {
        expect(missing(shape, jsonOf(own?.responses[expected.status]))).toEqual([]);
      }
    },
  );

  it('has every event', () => {
    expect(Object.keys(openApi.webhooks)).toEqual([...eventNames]);
  });

  it('refers to nothing that it does not have', () => {
    const names = [...JSON.stringify(openApi).matchAll(/#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name);
    expect([...new Set(names)].filter((name) => !openApi.components.schemas[name ?? ''])).toEqual([]);
  });
});
