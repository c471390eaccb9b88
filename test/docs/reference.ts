import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { RuntimeConfig } from '../../core/config/schema.ts';
import { eventNames } from '../../core/contracts/event-names.ts';
import { EnvelopeFields, eventPayloads, eventSchema } from '../../core/contracts/event-payloads.ts';
import { resolvePlugin } from '../../core/host/resolve.ts';
import { builtins } from '../../plugins/index.ts';
import { mutationTable } from '../mutation/table.ts';

const testingFile = fileURLToPath(new URL('../../docs/testing.md', import.meta.url));

/** Written by hand but for the table at its end. */
const testingPage = (): string => {
  const begin = '<!-- made by `npm run docs` from test/mutation/promises -->\n';
  const [written = ''] = readFileSync(testingFile, 'utf8').split(begin);
  return `${written}${begin}\n${mutationTable()}\n`;
};

/** The pages of `docs/` that are made from the schemas (`npm run docs`), by their path. */
export const pages: Readonly<Record<string, () => Promise<string>>> = {
  [fileURLToPath(new URL('../../docs/configuration.md', import.meta.url))]: () => configurationPage(),
  [fileURLToPath(new URL('../../docs/events.md', import.meta.url))]: async () => eventsPage(),
  [testingFile]: async () => testingPage(),
};

interface Schema {
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly examples?: readonly unknown[];
}

interface Row {
  readonly path: string;
  readonly schema: Schema;
  readonly optional: boolean;
}

/** A row for each value below a schema, by its path: `session.timings.qr`, `webhooks[].url`. */
const rowsOf = (schema: Schema, path = '', optional = false): Row[] => {
  const fields = Object.entries(schema.properties ?? {});
  if (fields.length > 0) {
    const below = path === '' ? '' : `${path}.`;
    return fields.flatMap(([name, field]) =>
      rowsOf(field, `${below}${name}`, !(schema.required ?? []).includes(name) || field.default !== undefined),
    );
  }
  const inList = schema.items?.properties ? rowsOf(schema.items, `${path}[]`) : [];
  const inUnion = schema.anyOf?.find(({ properties }) => properties !== undefined);
  return [{ path, schema, optional }, ...inList, ...(inUnion ? rowsOf(inUnion, path) : [])];
};

const code = (value: unknown): string => `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;

/** What a value may be, in words: `text`, `integer`, `a` or `b`, list of texts. */
const kindOf = (schema: Schema): string => {
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum) return schema.enum.map(code).join(' or ');
  if (schema.anyOf) return [...new Set(schema.anyOf.map(kindOf))].join(' or ');
  if (schema.type === 'array') return `list of ${schema.items ? kindOf(schema.items) : 'values'}`;
  if (schema.patternProperties) return 'map by name';
  return { string: 'text', object: 'object', boolean: 'yes or no' }[schema.type ?? ''] ?? schema.type ?? 'any value';
};

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');

const settings = (schema: Schema): string =>
  table(
    ['key', 'value', 'default', 'meaning'],
    rowsOf(schema).map(({ path, schema: value, optional }) => [
      code(path),
      kindOf(value),
      value.default !== undefined ? code(value.default) : optional ? 'not set' : 'must be given',
      value.description ?? value.title ?? '',
    ]),
  );

const made = '<!-- This page is made from the schemas by `npm run docs`; a change by hand is lost. -->';

const configurationPage = async (): Promise<string> => {
  const root = JSON.parse(JSON.stringify(RuntimeConfig)) as Schema;
  const plugins = await Promise.all(
    Object.keys(builtins).map(async (use) => {
      const { plugin } = await resolvePlugin(use, { baseDir: '.', builtins });
      const config = JSON.parse(JSON.stringify(plugin.config ?? {})) as Schema;
      const hasKeys = Object.keys(config.properties ?? {}).length > 0;
      return `### \`${use}\`\n\n${plugin.description ?? ''}.\n\n${hasKeys ? settings(config) : 'It takes no config.'}`;
    }),
  );
  return `${[
    '# Configuration',
    made,
    `Every key of the YAML file. The same schema checks the file, completes it in an editor (\`configs/schema.json\`) and makes this page. Strings may hold \`\${NAME}\`, \`\${NAME:-default}\` and \`\${file:/path}\`: the value is converted to the type that the key expects, and an empty one counts as not given. Times are in milliseconds unless the key says otherwise.`,
    '## The runtime',
    settings(root),
    '## The plugins',
    'These keys stand below `config:` of an entry of `plugins:`. An override for some sessions (`sessions.override`) takes the same keys.',
    ...plugins,
  ].join('\n\n')}\n`;
};

const fields = (schema: Schema): string =>
  table(
    ['field', 'value', 'meaning'],
    rowsOf(schema)
      .filter(({ path }) => path !== '')
      .map(({ path, schema: value, optional }) => [
        code(path),
        `${kindOf(value)}${optional ? ', may be absent' : ''}`,
        value.description ?? '',
      ]),
  );

const eventsPage = (): string => {
  const sections = eventNames.map((name) => {
    const payload = JSON.parse(JSON.stringify(eventPayloads[name])) as Schema;
    const { description } = eventSchema(name) as Schema;
    const hasFields = Object.keys(payload.properties ?? {}).length > 0;
    return [`## \`${name}\``, description, payload.description, hasFields ? fields(payload) : undefined]
      .filter((part) => part !== undefined)
      .join('\n\n');
  });
  return `${[
    '# Events',
    made,
    'An event has the same body wherever it goes: a webhook, a WebSocket frame, NATS or a listener of a plugin. `*` in a subscription stands for every event but `engine.event`. How webhooks are delivered is told in [webhooks.md](webhooks.md), which message becomes which event in [messages.md](messages.md).',
    '## The envelope',
    fields(JSON.parse(JSON.stringify(EnvelopeFields)) as Schema),
    '`event` is the name, and `payload` is what the sections below describe.',
    ...sections,
  ].join('\n\n')}\n`;
};
