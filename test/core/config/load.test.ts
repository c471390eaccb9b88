import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { configFrom, loadConfig } from '../../../core/config/load.ts';
import type { LoadedConfig } from '../../../core/config/schema.ts';

const folder = mkdtempSync(join(tmpdir(), 'waha-config-'));
const file = join(folder, 'waha.config.yaml');
afterAll(() => rmSync(folder, { recursive: true }));

const load = (text: string | Buffer, env: Record<string, string> = {}): LoadedConfig => {
  writeFileSync(file, text);
  return loadConfig(file, { env });
};

/** The faults that loading lists, without the folder. */
const faults = (text: string | Buffer, env: Record<string, string> = {}): string[] => {
  try {
    load(text, env);
  } catch (error) {
    return (error as Error).message.replaceAll(`${folder}/`, '').split('\n');
  }
  return [];
};

const plugins = 'plugins:\n  - use: express\n';

describe('loading a config', () => {
  it('fills in defaults and keeps the folder', () => {
    const config = load(plugins);
    expect(config.baseDir).toBe(folder);
    expect(config.value).toMatchObject({
      log: { level: 'info', format: 'pretty' },
      worker: { restartSessions: true },
      sessions: [],
      plugins: [{ use: 'express', onFailure: 'stop' }],
    });
    expect(config.value.session.timings.qr).toHaveLength(7);
  });

  it('reads a file with a byte order mark', () => {
    expect(load(`\uFEFF${plugins}`).value.plugins).toHaveLength(1);
  });

  it('knows file, line and readable name of every path, and of what is not written', () => {
    const config = load(`${plugins}    config:\n      port: 1\n  - use: webhook\n    as: crm\n`);
    expect(config.at(['plugins', 0, 'config', 'port'])).toBe(`${file}:4: plugins.express.config.port`);
    expect(config.at(['plugins', 0, 'config', 'host'])).toBe(`${file}:3: plugins.express.config.host`);
    expect(config.where(['plugins', 1])).toBe(`${file}:5`);
    expect(config.at(['plugins', 1, 'config', 'url'])).toBe(`${file}:5: plugins.crm.config.url`);
  });

  it('resolves aliases, each use with its own line', () => {
    const config = load(
      `${plugins}sessions:\n  - &one { name: one, config: &c { debug: true } }\n  - name: two\n    config: *c\n`,
    );
    expect(config.value.sessions[1]).toMatchObject({ name: 'two', config: { debug: true } });
    expect(config.where(['sessions', 1, 'config', 'debug'])).toBe(`${file}:4`);
  });

  it('takes bare session names, as a list or out of a variable', () => {
    expect(load(`${plugins}sessions: [one, two]\n`).value.sessions).toEqual([
      { name: 'one', start: true },
      { name: 'two', start: true },
    ]);
    const names = load(`${plugins}sessions: "\${NAMES:-}"\n`, { NAMES: 'one, two' }).value.sessions;
    expect(names.map(({ name }) => name)).toEqual(['one', 'two']);
    expect(load(`${plugins}sessions: "\${NAMES:-}"\n`).value.sessions).toEqual([]);
  });

  it('can be made from a value, too', () => {
    const config = configFrom({ plugins: [{ use: 'express' }] }, '/data/waha.config.yaml');
    expect(config.at(['plugins', 0, 'use'])).toBe('/data/waha.config.yaml: plugins.express.use');
  });
});

describe('placeholders in a config', () => {
  it('takes the type that the schema asks for', () => {
    const config = load(
      `worker: { startConcurrency: "\${N:-3}", restartSessions: "\${R}" }\nlog: { level: "\${LEVEL}" }\n${plugins}`,
      { R: 'False', LEVEL: 'DEBUG' },
    );
    expect(config.value.worker).toMatchObject({ startConcurrency: 3, restartSessions: false });
    expect(config.value.log.level).toBe('debug');
  });

  it('leaves out what comes out empty, in maps and in lists, and keeps the lines of the rest', () => {
    const config = load(`worker:\n  id: "\${ID:-}"\n  startJitter: 5\n${plugins}sessions:\n  - "\${A:-}"\n  - two\n`);
    expect(config.value.worker).not.toHaveProperty('id');
    expect(config.value.sessions.map(({ name }) => name)).toEqual(['two']);
    expect(config.where(['sessions', 0])).toBe(`${file}:8`);
  });

  it('never reads a value as YAML', () => {
    const config = load(`worker: { id: "\${ID}" }\n${plugins}`, { ID: 'x\nplugins: []' });
    expect(config.value.worker.id).toBe('x\nplugins: []');
    expect(config.value.plugins).toHaveLength(1);
  });

  it('names the variable, the file and the line of each that is missing, all at once', () => {
    expect(faults(`worker:\n  id: "\${NO_ID}"\n${plugins}    config: { a: "\${NO_KEY}" }\n`)).toEqual([
      `waha.config.yaml:2: the environment variable NO_ID is not set, and \${NO_ID} has no default`,
      `waha.config.yaml:5: the environment variable NO_KEY is not set, and \${NO_KEY} has no default`,
    ]);
  });

  it('names the variable, not the value, when the value is wrong', () => {
    const told = faults(`worker:\n  startConcurrency: "\${N}"\n${plugins}`, { N: 'hunter2' });
    expect(told).toEqual([`waha.config.yaml:2: worker.startConcurrency must be integer (it comes from \${N})`]);
  });
});

describe('a config that is wrong', () => {
  it.each([
    ['an empty file', '', 'waha.config.yaml: the file is empty'],
    ['only a comment', '# nothing\n', 'waha.config.yaml: the file is empty'],
    ['a list', '- a\n', "waha.config.yaml:1:1: the file must hold keys such as 'plugins:'"],
    ['a text', 'hello\n', "waha.config.yaml:1:1: the file must hold keys such as 'plugins:'"],
    ['a tab', 'log:\n\tlevel: info\n', 'waha.config.yaml:2:1: a tab cannot be used for indentation; use spaces'],
    ['a doubled key', `log: {}\nlog: {}\n${plugins}`, 'waha.config.yaml:2:1: the key log is there twice'],
    ['an open quote', 'log: "x\n', 'waha.config.yaml:2:1: broken YAML: missing closing "quote'],
    [
      'two documents',
      `${plugins}---\n${plugins}`,
      'waha.config.yaml:3:1: there is a second document (---); a config is one document',
    ],
    ['a tag', 'log: !include x\n', 'waha.config.yaml:1:6: YAML tags (!…) have no meaning here'],
    ['an unknown alias', 'log: *x\n', 'waha.config.yaml: the alias *x has no anchor before it'],
    [
      'a reserved character',
      'log: @x\n',
      'waha.config.yaml:1:6: broken YAML: plain value cannot start with reserved character @; put the value in quotes',
    ],
    ['no plugins', 'log: {}\n', 'waha.config.yaml: plugins is required'],
    ['an unknown key', `logs: {}\n${plugins}`, "waha.config.yaml:1: logs is unknown; did you mean 'log'?"],
    [
      'a wrong type',
      `${plugins}worker:\n  startConcurrency: many\n`,
      'waha.config.yaml:4: worker.startConcurrency must be integer',
    ],
    [
      'a doubled session',
      `${plugins}sessions: [a, b, a]\n`,
      "waha.config.yaml:3: sessions: the session 'a' is there twice",
    ],
    [
      'a doubled plugin',
      `${plugins}  - use: express\n`,
      "waha.config.yaml:3: plugins: there are two plugins named 'express'; give one of them another name by 'as:'",
    ],
  ])('says in one sentence that there is %s', (_name, text, sentence) => {
    expect(faults(text)).toEqual([sentence]);
  });

  it('lists every fault at once', () => {
    expect(faults(`logs: {}\nworker: { startJitter: soon }\nplugins:\n  - us: express\n`)).toEqual([
      "waha.config.yaml:1: logs is unknown; did you mean 'log'?",
      'waha.config.yaml:2: worker.startJitter must be integer',
      'waha.config.yaml:4: plugins.0.use is required',
      "waha.config.yaml:4: plugins.0.us is unknown; did you mean 'use'?",
    ]);
  });

  it('says so when there is no file, or a folder, or no text', () => {
    const missing = join(folder, 'missing.yaml');
    expect(() => loadConfig(missing)).toThrow(`${missing}: the file does not exist`);
    mkdirSync(join(folder, 'sub'));
    expect(() => loadConfig(join(folder, 'sub'))).toThrow('this is a folder, not a file');
    expect(faults(Buffer.from([0x61, 0xff, 0xfe]))).toEqual(['waha.config.yaml: the file is not UTF-8 text']);
  });

  it('stops aliases that multiply, and aliases of themselves', () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]'];
    for (const [name, of] of ['ba', 'cb', 'dc', 'ed', 'fe', 'gf', 'hg'].map((pair) => [...pair] as [string, string])) {
      bomb.push(`${name}: &${name} [${Array(9).fill(`*${of}`).join(', ')}]`);
    }
    expect(faults(bomb.join('\n'))).toEqual(['waha.config.yaml: too many YAML aliases']);
    expect(faults('a: &a [*a]\n')[0]).toContain('too deeply');
    expect(faults('['.repeat(50_000))[0]).toMatch(/^waha\.config\.yaml.*(too deeply|broken YAML)/);
  });

  it('never quotes what the file says', () => {
    const secret = 'hunter2hunter2';
    for (const text of [
      `apiKey: ${secret}: x\n`,
      `apiKey: [${secret}\n`,
      `apiKey: ${secret}\n}\n`,
      `${secret}\na: b\n`,
    ]) {
      expect(faults(text).join()).not.toContain(secret);
    }
  });
});
