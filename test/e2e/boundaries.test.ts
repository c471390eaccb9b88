import { afterAll, beforeAll, expect, it } from 'vitest';
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
beforeAll(async () => {
  await talk.start();
  const { paths } = (await talk.world.api.get('/openapi.json')).body as unknown as {
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
