import type { Contribution, Log, Route, RouteGroup, RouteResponse, TSchema } from 'waha-runtime';
import { successStatus, without } from 'waha-runtime/http';
import { commonResponses, commonResponsesOf } from './common-responses.ts';
import { exampleOf } from './example.ts';
import { SchemaBook } from './schema-book.ts';

type Json = Record<string, unknown>;

export interface DocumentOptions {
  readonly version: string;
  readonly groups: readonly Contribution<RouteGroup>[];
  /** The public address, when one is configured. */
  readonly baseUrl: string | undefined;
  readonly log: Log;
}

/** The OpenAPI 3.1 document of what is mounted. */
export const openApiDocument = ({ version, groups, baseUrl, log }: DocumentOptions): Json => {
  const book = new SchemaBook(log);
  const paths: Record<string, Json> = {};
  const webhooks: Json = {};
  for (const { value: group } of groups) {
    for (const route of group.routes) {
      paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(group.tag, route, book) };
    }
    for (const [name, schema] of Object.entries(group.webhooks ?? {})) {
      webhooks[name] = {
        post: { tags: [group.tag], operationId: `webhook:${name}`, ...webhook(name, schema, book) },
      };
    }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'WhatsApp HTTP API', version, description: 'Send and receive WhatsApp messages over HTTP.' },
    servers: [{ url: baseUrl ?? '/' }],
    security: [{ api_key: [] }],
    tags: tags(groups),
    paths,
    webhooks,
    components: {
      schemas: book.components,
      securitySchemes: { api_key: { type: 'apiKey', in: 'header', name: 'X-Api-Key' } },
      responses: commonResponses,
    },
  };
};

const tags = (groups: readonly Contribution<RouteGroup>[]): Json[] => {
  const found = new Map<string, Json>();
  for (const { value } of groups) {
    const description = found.get(value.tag)?.['description'] ?? value.description;
    found.set(value.tag, { name: value.tag, ...(description ? { description } : {}) });
  }
  return [...found.values()];
};

const operation = (tag: string, route: Route, book: SchemaBook): Json => ({
  tags: [tag],
  summary: route.summary,
  operationId: operationId(route),
  ...(route.description ? { description: route.description } : {}),
  ...(route.deprecated ? { deprecated: true } : {}),
  ...(route.access === 'public' ? { security: [] } : {}),
  parameters: [...pathParameters(route, book), ...parameters('query', route.query, book)],
  ...(route.body ? { requestBody: { required: true, content: bodyContent(route.body, route, book) } } : {}),
  responses: responses(route, book),
});

/** `GET /api/sessions/{session}/me` becomes `getApiSessionsSessionMe`. */
const operationId = ({ method, path }: Route): string =>
  method.toLowerCase() +
  path
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');

const jsonContent = (schema: Json): Json => ({ 'application/json': { schema } });

const bodyContent = (body: TSchema, { upload }: Route, book: SchemaBook): Json => {
  const content = { 'application/json': { schema: book.add(body), example: exampleOf(body) } };
  if (!upload) return content;
  const form = without(body, upload.field) as { properties: Json; required: readonly string[] };
  const file = { type: 'string', format: 'binary' };
  const properties = { [upload.field]: file, ...form.properties };
  const schema = book.add({ ...form, properties, required: [upload.field, ...form.required] } as unknown as TSchema);
  return { ...content, 'multipart/form-data': { schema } };
};

const responses = (route: Route, book: SchemaBook): Json => {
  const declared = Object.entries(route.responses ?? {}).map(([status, answer]) => [status, response(answer, book)]);
  return {
    [successStatus(route)]: { description: 'Done' },
    ...commonResponsesOf(route),
    ...Object.fromEntries(declared),
  };
};

const response = ({ description, schema, content }: RouteResponse, book: SchemaBook): Json => {
  const others = Object.entries(content ?? {}).map(([type, of]) => [type, { schema: book.add(of) }]);
  const all = { ...Object.fromEntries(others), ...(schema ? jsonContent(book.add(schema)) : {}) };
  return { description, ...(Object.keys(all).length > 0 ? { content: all } : {}) };
};

/** Every parameter of the path, whether or not the route has a schema for it. */
const pathParameters = (route: Route, book: SchemaBook): Json[] => {
  const described = new Map(parameters('path', route.params, book).map((parameter) => [parameter['name'], parameter]));
  const names = [...route.path.matchAll(/\{([^{}]{1,64})\}/g)].map(([, name]) => name);
  return names.map((name) => ({
    ...(described.get(name) ?? { name, in: 'path', schema: { type: 'string' } }),
    required: true,
  }));
};

const parameters = (place: 'path' | 'query', schema: TSchema | undefined, book: SchemaBook): Json[] => {
  const { properties = {}, required = [] } = (schema ?? {}) as {
    properties?: Record<string, TSchema>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, property]) => {
    const { description, deprecated, ...shown } = book.add(property);
    return {
      name,
      in: place,
      required: required.includes(name),
      ...('examples' in property ? { example: exampleOf(property) } : {}),
      ...(description ? { description } : {}),
      ...(deprecated ? { deprecated } : {}),
      schema: shown,
    };
  });
};

const webhook = (name: string, schema: TSchema, book: SchemaBook): Json => ({
  summary: name,
  ...('description' in schema ? { description: schema.description } : {}),
  requestBody: { required: true, content: jsonContent(book.add(schema)) },
  responses: { 200: { description: 'Any 2xx status confirms the event' } },
});
