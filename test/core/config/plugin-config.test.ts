// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders are what is tested
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { configFrom, loadConfig } from '../../../core/config/load.ts';
import { checkPluginConfig } from '../../../core/config/plugin-config.ts';
import { type AnyPlugin, definePlugin } from '../../../core/contracts/plugin.ts';
import { Type } from '../../../core/contracts/schema.ts';

const folder = mkdtempSync(join(tmpdir(), 'waha-plugin-config-'));
const file = join(folder, 'waha.config.yaml');
afterAll(() => rmSync(folder, { recursive: true }));

const plugin = definePlugin({
  name: 'mail',
  config: Type.Object({
    port: Type.Integer({ default: 25 }),
    apiKey: Type.Optional(Type.String()),
    tls: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
    to: Type.Array(Type.Enum(['ops', 'sales'], { type: 'string' }), { default: [] }),
    ports: Type.Array(Type.Integer(), { default: [] }),
    labels: Type.Record(Type.String(), Type.String(), { default: {} }),
    anything: Type.Optional(Type.Unknown()),
    retry: Type.Object({ delay: Type.Number({ default: 1 }) }, { default: {} }),
    mode: Type.Optional(Type.Enum(['fast', 'slow'], { type: 'string' })),
  }),
  setup: () => undefined,
}) as unknown as AnyPlugin;

const check = (config: string, env: Record<string, string> = {}) => {
  writeFileSync(file, `plugins:\n  - use: mail\n    config:\n${config.replace(/^/gm, '      ')}\n`);
  return checkPluginConfig(loadConfig(file, { env }), 0, plugin);
};

const checkedValue = (config: string, env: Record<string, string> = {}): unknown => {
  const checked = check(config, env);
  if (!checked.ok) throw new Error(checked.problems.join('\n'));
  return checked.value;
};

const problemsOf = (config: string, env: Record<string, string> = {}): string[] => {
  const checked = check(config, env);
  return checked.ok ? [] : checked.problems.map((problem) => problem.replace(`${folder}/`, ''));
};

describe("a plugin's config", () => {
  it('gets the defaults of its schema, frozen to the bottom', () => {
    const value = checkedValue('{}') as { retry: object };
    expect(value).toEqual({ port: 25, to: [], ports: [], labels: {}, retry: { delay: 1 } });
    expect(Object.isFrozen(value) && Object.isFrozen(value.retry)).toBe(true);
  });

  it.each([
    ['port: "${V}"', '3000', { port: 3000 }],
    ['apiKey: "${V}"', '12345', { apiKey: '12345' }],
    ['apiKey: "${V}"', 'true', { apiKey: 'true' }],
    ['tls: "${V}"', 'True', { tls: true }],
    ['tls: "${V}"', '0', { tls: false }],
    ['to: "${V}"', 'ops, sales,', { to: ['ops', 'sales'] }],
    ['to: "${V}"', 'OPS', { to: ['ops'] }],
    ['to: "ops,${V}"', 'sales', { to: ['ops', 'sales'] }],
    ['ports: "${V}"', '1,2', { ports: [1, 2] }],
    ['ports: ["${V}", 5]', '4', { ports: [4, 5] }],
    ['labels: { a: "${V}" }', '1', { labels: { a: '1' } }],
    ['retry: { delay: "${V}" }', '2.5', { retry: { delay: 2.5 } }],
    ['mode: "${V}"', 'SLOW', { mode: 'slow' }],
    ['anything: "${V}"', '7', { anything: 7 }],
    ['anything: { deep: ["${V}"] }', 'true', { anything: { deep: [true] } }],
    ['anything: "x${V}"', '7', { anything: 'x7' }],
    ['apiKey: "${V}${V}"', '7', { apiKey: '77' }],
  ])('reads %s with V=%s as the schema wants it', (config, V, expected) => {
    expect(checkedValue(config, { V })).toMatchObject(expected);
  });

  it('leaves what the file itself says as it is', () => {
    expect(problemsOf('port: "3000"')).toEqual(['waha.config.yaml:4: plugins.mail.config.port must be integer']);
    expect(problemsOf('mode: SLOW')).toHaveLength(1);
  });

  it('names file, line and field of every fault, and the variable that it came from', () => {
    expect(problemsOf('port: "${V}"\nprot: 1\nretry:\n  delay: soon', { V: 'hunter2' })).toEqual([
      "waha.config.yaml:5: plugins.mail.config.prot is unknown; did you mean 'port'?",
      'waha.config.yaml:4: plugins.mail.config.port must be integer (it comes from ${V})',
      'waha.config.yaml:7: plugins.mail.config.retry.delay must be number',
    ]);
  });

  it('is refused when the plugin has no schema', () => {
    const loaded = configFrom({ plugins: [{ use: 'bare', config: { a: 1 } }] }, file);
    const bare = definePlugin({ name: 'bare', setup: () => undefined }) as unknown as AnyPlugin;
    expect(checkPluginConfig(loaded, 0, bare)).toEqual({
      ok: false,
      problems: [`${file}: plugins.bare.config.a is unknown`],
    });
  });

  it('must be a map', () => {
    const loaded = configFrom({ plugins: [{ use: 'mail', config: [1] }] }, file);
    expect(checkPluginConfig(loaded, 0, plugin)).toEqual({
      ok: false,
      problems: [`${file}: plugins.mail.config must be object`],
    });
  });
});
