import { afterAll, beforeAll, expect, it } from 'vitest';
import { ApiDocument, type Schema as BodySchema, type Operation as Described } from '../fuzz/document.ts';
import { Conversation } from '../support/conversation.ts';

const talk = new Conversation({ config: { noweb: { store: { enabled: true } } } });

interface Schema {
  readonly type?: string | readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly format?: string;
}
interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required: boolean;
  readonly schema: Schema;
}
interface Operation {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
}

/** What numbers, dates and ids are tried with. */
const odd = [
  ...['0.5', '-1', '-0', '1.5e3', '1e21', '1e400', 'NaN', 'Infinity', '0x10', '١٢'],
  ...['9007199254740992', '9007199254740993', '9223372036854775808', '9'.repeat(40), '-9223372036854775809'],
  ...['2026-02-30T00:00:00Z', '+275760-09-13T00:00:00.001Z', '-271821-04-19T23:59:59.999Z', '0000-00-00'],
  ...['', ' ', 'null', 'a\u0000b', '\ud7ff\uffff', "'; DROP TABLE messages; --", '%', '../..', '@', 'x'.repeat(500)],
];

let operations: Operation[] = [];
let document: ApiDocument;
beforeAll(async () => {
  await talk.start();
  const whole = (await talk.world.api.get('/openapi.json')).body;
  document = new ApiDocument(whole);
  const { paths } = whole as unknown as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  };
  operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) =>
      method === 'get' && !/debug|screenshot|auth/.test(path) ? [{ ...operation, method, path }] : [],
    ),
  );
});
afterAll(() => talk.close());

const good: Readonly<Record<string, string>> = { phone: '4915200002002', text: 'Hi' };
const usual = (name: string, path: string): string => {
  if (name === 'session') return talk.session;
  if (name === 'id' && path.includes('/channels/')) return '120363000000000009@newsletter';
  if (name === 'id' && path.includes('/groups/')) return '120363000000000008@g.us';
  return good[name] ?? (/^chat|^contact|^id$/i.test(name) ? talk.chatId : '1');
};

/** The operation's address with one parameter as given, and all others as usual. */
const address = ({ path, parameters }: Operation, changed: Parameter, value: string): string => {
  const of = ({ name }: Parameter) => encodeURIComponent(name === changed.name ? value : usual(name, path));
  const filled = path.replace(/\{([^}]+)\}/g, (_, name) => of({ name } as Parameter));
  const query = parameters.filter(
    (one) => one.in === 'query' && (one.required || one.name === changed.name || one.name === 'session'),
  );
  return `${filled}?${query.map((one) => `${one.name}=${of(one)}`).join('&')}`;
};

it('no number, date or id in an address makes a 5xx, and a 400 names the field', { timeout: 240_000 }, async () => {
  const wrong: string[] = [];
  for (const operation of operations) {
    for (const parameter of operation.parameters) {
      // An empty segment makes another path.
      const values = odd.filter((value) => value !== '' || parameter.in === 'query');
      const answers = values.map(async (value) => {
        const asked = address(operation, parameter, value);
        const { status, body } = await talk.world.api.get(asked);
        const message = JSON.stringify(body);
        if (status >= 500) wrong.push(`${status} ${asked} ${message}`);
        if (status === 400 && !message.includes(parameter.name)) wrong.push(`unnamed: ${asked} ${message}`);
      });
      await Promise.all(answers);
    }
  }
  expect(operations.length).toBeGreaterThan(20);
  expect(wrong).toEqual([]);
});

/** What the fields of bodies are tried with: as numbers, and as the texts that stand for them. */
const shapes: readonly unknown[] = [null, true, [], {}, [null]];
const oddNumbers: readonly unknown[] = [
  ...[0.5, -1, -0, 1e21, 1e308, 5e-324, 2 ** 31, 2 ** 53, 2 ** 53 + 2, -(2 ** 53), 8.64e15 + 1],
  ...['0.5', '9007199254740993', '1e400', 'NaN', ''],
  ...shapes,
];
const oddTexts: readonly unknown[] = [
  ...['', ' ', '2026-02-30T00:00:00Z', '+275760-09-13T00:00:00.001Z', '9'.repeat(40), 1, 0.5],
  ...['a\u0000b', '@', '@c.us', '0@c.us', '_', 'true_@c.us_', '../..', '😀', '\ud800'],
  ...shapes,
];

type Path = readonly (string | number)[];
interface Field {
  readonly place: Path;
  readonly values: readonly unknown[];
}

const names = /id$|ids$|phone|number|contact|participant|reply_to|mention|time|date|cursor|from|^to$/i;

/** Every field that holds a number, a date or an id, by its place; of a list the first item. */
const fieldsIn = (schema: BodySchema, place: Path = []): Field[] => {
  const shape = document.resolve(schema);
  const branches = [...(shape.anyOf ?? []), ...(shape.oneOf ?? []), ...(shape.allOf ?? [])];
  const types = [shape.type ?? []].flat();
  const name = String(place.findLast((part) => typeof part === 'string') ?? '');
  const isNumber = types.includes('number') || types.includes('integer');
  const isId = types.includes('string') && names.test(name);
  return [
    ...(isNumber || isId ? [{ place, values: isNumber ? oddNumbers : oddTexts }] : []),
    ...branches.flatMap((branch) => fieldsIn(branch, place)),
    ...Object.entries(shape.properties ?? {}).flatMap(([field, inner]) => fieldsIn(inner, [...place, field])),
    ...(shape.items ? fieldsIn(shape.items, [...place, 0]) : []),
  ];
};

/** A copy with one field as given, and what is around it made where it is not there. */
const withField = (body: unknown, [first, ...rest]: Path, value: unknown): unknown => {
  if (first === undefined) return value;
  if (typeof first === 'number') return [withField(Array.isArray(body) ? body[0] : undefined, rest, value)];
  const known = typeof body === 'object' && body !== null && !Array.isArray(body) ? body : {};
  return { ...known, [first]: withField((known as Record<string, unknown>)[first], rest, value) };
};

/** They end the process, or the session that the others work with. */
const isTried = ({ path, json }: Described): boolean =>
  json !== undefined && !/server|sandbox|^\/mcp|sessions\/(stop|logout)|passkey|\/auth\//.test(path);

const bodyAddress = ({ path, parameters }: Described): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => {
    if (name === 'session') return path.startsWith('/api/sessions') ? 'bounds' : talk.session;
    const given = parameters.find((one) => one.name === name) as { example?: unknown } | undefined;
    return encodeURIComponent(String(given?.example ?? '1'));
  });

it('no number, date or id in a body makes a 5xx, and a 400 names the field', { timeout: 300_000 }, async () => {
  const wrong: string[] = [];
  const { api } = talk.world;
  const tried = document.operations.filter(isTried);
  for (const operation of tried) {
    const base = operation.json?.example;
    const found = fieldsIn(operation.json?.schema ?? {}).map((field) => [field.place.join('.'), field] as const);
    const named = { ...(base as object), ...('session' in (base as object) ? { session: talk.session } : {}) };
    if (operation.path.startsWith('/api/sessions')) Object.assign(named, { name: 'bounds', start: false });
    for (const { place, values } of new Map(found).values()) {
      if (place[0] === 'session') continue;
      const answers = values.map(async (value) => {
        const body = JSON.stringify(withField(named, place, value));
        const { status, body: answer } = await api.call(operation.method, bodyAddress(operation), body);
        const told = JSON.stringify(answer);
        const asked = `${operation.method} ${operation.path} ${place.join('.')}=${JSON.stringify(value)}`;
        const fields = place.filter((part) => typeof part === 'string');
        if (status >= 500) wrong.push(`${status} ${asked} ${told}`);
        if (status === 400 && !fields.some((field) => told.includes(field))) wrong.push(`unnamed: ${asked} ${told}`);
      });
      await Promise.all(answers);
    }
  }
  expect(tried.length).toBeGreaterThan(60);
  expect(wrong).toEqual([]);
});
