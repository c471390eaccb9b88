import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { listPlugins } from '../../../core/cli/list-plugins.ts';
import { newPlugin } from '../../../core/cli/new-plugin.ts';
import { replay } from '../../../core/cli/replay.ts';
import { recordedEvents } from '../../../core/testing/recorded-events.ts';
import { builtins } from '../../../plugins/index.ts';
import { runWahaOfCheckout } from './run-waha.ts';

const examples = fileURLToPath(new URL('../../../examples', import.meta.url));
let folder = '';
let printed: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waha-plugin-commands-'));
  printed = [];
  for (const method of ['log', 'error'] as const) {
    vi.spyOn(console, method).mockImplementation((line: string) => void printed.push(line));
  }
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const write = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};

describe('waha plugins', () => {
  it('lists the order of setup, the state, and where each plugin comes from', async () => {
    const configFile = write(
      'waha.config.yaml',
      `plugins:\n  - use: ${examples}/echo-bot\n    sessions: { include: [a, b-*] }\n  - use: lowdb\n`,
    );
    expect(await listPlugins({ configFile, builtins })).toBe(0);
    expect(printed).toEqual([
      '1  lowdb     ready  built-in',
      `2  echo-bot  ready  ${examples}/echo-bot (sessions a, b-*)`,
    ]);
  });

  it('shows what cannot be loaded with its fault, and the rest all the same', async () => {
    const configFile = write('waha.config.yaml', 'plugins:\n  - use: lowdb\n  - use: ./gone.ts\n');
    expect(await listPlugins({ configFile, builtins })).toBe(2);
    expect(printed[0]).toMatch(/^1 {2}lowdb {6}ready {3}built-in$/);
    expect(printed[1]).toMatch(/^- {2}\.\/gone\.ts {2}failed$/);
    expect(printed[2]).toMatch(/waha\.config\.yaml:3: there is no plugin at \.\/gone\.ts/);
  });
});

describe('waha plugin new', () => {
  it('writes nothing over existing files, and refuses names that npm refuses', () => {
    write('mine.txt', 'mine');
    expect(() => newPlugin('my-plugin', folder)).toThrow('is not empty');
    expect(() => newPlugin('My Plugin', join(folder, 'x'))).toThrow("'My Plugin' is no name for a plugin");
    newPlugin('@me/my-plugin', join(folder, 'new'));
    expect(printed[0]).toContain('npm test');
  });
});

describe('waha plugin replay', () => {
  const event = (body: string, timestamp: number) => ({
    id: `evt_${body}`,
    event: 'message',
    session: 'support',
    timestamp,
    payload: { ...recordedEvents.message, body },
  });

  it('prints what the plugins of a config would send, on the time of the events', async () => {
    const configFile = write(
      'waha.config.yaml',
      `plugins:
  - use: sandbox
  - use: express
  - use: ${examples}/echo-bot
    config: { prefix: '> ' }
  - use: ${examples}/office-hours
    config: { text: closed }
`,
    );
    const lines = [event('late', Date.UTC(2026, 0, 5, 22)), event('noon', Date.UTC(2026, 0, 5, 12))];
    const eventFile = write('events.jsonl', lines.map((line) => JSON.stringify(line)).join('\n'));
    expect(await replay({ eventFile, configFile, builtins })).toBe(0);
    const sent = (text: string) =>
      `  → support messages.sendText(${JSON.stringify({ chatId: '5511988887777@c.us', text })})`;
    expect(printed).toEqual([
      'support message evt_noon',
      sent('> noon'),
      'support message evt_late',
      sent('> late'),
      sent('closed'),
    ]);
  });

  it('refuses a file that holds no events, and a config without plugins of its own', async () => {
    const configFile = write('waha.config.yaml', 'plugins:\n  - use: lowdb\n');
    const options = { configFile, builtins };
    await expect(replay({ ...options, eventFile: write('odd.json', '{"a":1}') })).rejects.toThrow('no recorded events');
    const eventFile = write('event.json', JSON.stringify(event('hi', 1)));
    await expect(replay({ ...options, eventFile })).rejects.toThrow('no plugin of your own');
  });
});

describe('waha dev', () => {
  const source = `import { answer } from './answer.ts';
import { definePlugin, Points, route } from 'waha-runtime';
const hello = route({ method: 'GET', path: '/hello', summary: 'Hello', access: 'public', handle: () => answer });
export default definePlugin({
  name: 'hello',
  setup: ({ contribute }) => contribute(Points.Routes, { tag: 'Hello', routes: [hello] }),
});
`;
  const config = `plugins:
  - { use: express, config: { host: 127.0.0.1, port: 0, apiKey: key } }
  - { use: lowdb }
  - use: ./hello
`;

  it('takes over a changed module of a TypeScript plugin, and says what is wrong with one', {
    timeout: 120_000,
  }, async () => {
    vi.restoreAllMocks();
    mkdirSync(join(folder, 'hello'));
    write('package.json', '{ "type": "module" }');
    write('hello/index.ts', source);
    write('hello/answer.ts', "export const answer: string = 'one';\n");
    write('waha.config.yaml', config);
    const dev = runWahaOfCheckout(['dev'], folder);
    const [, url] = await dev.line(/is ready on (http:\S+)/);
    const answer = async () => (await fetch(`${url}/hello`)).json();
    await dev.line(/watching hello/);
    expect(await answer()).toBe('one');
    write('hello/answer.ts', "export const answer: string = 'two';\n");
    await expect.poll(answer).toBe('two');
    write('hello/answer.ts', 'export const answer: string = ;\n');
    await dev.line(/cannot be loaded/);
    expect(await answer()).toBe('two');
    dev.child.kill('SIGTERM');
    expect((await dev.finished).code).toBe(0);
  });

  it('takes over a changed YAML, and says what is wrong with one', async () => {
    vi.restoreAllMocks();
    mkdirSync(join(folder, 'echo'));
    write('package.json', '{ "type": "module" }');
    write('echo/index.ts', echo);
    write('waha.config.yaml', `${config.replace('./hello', './echo')}    config: { word: one }\n`);
    const dev = runWahaOfCheckout(['dev'], folder);
    const [, url] = await dev.line(/is ready on (http:\S+)/);
    const answer = async () => (await fetch(`${url}/word`)).json();
    await dev.line(/watching echo/);
    expect(await answer()).toBe('one');
    const changed = (line: string) => write('waha.config.yaml', `${config.replace('./hello', './echo')}${line}\n`);
    changed('    config: { word: two }');
    await expect.poll(answer).toBe('two');
    changed('    config: { wrod: three }');
    await dev.line(/waha\.config\.yaml:5: plugins\.\.\/echo\.config\.wrod is unknown; did you mean 'word'/);
    changed('    config: { word: 3');
    await dev.line(/waha\.config\.yaml:\d+:\d+: broken YAML/);
    expect(await answer()).toBe('two');
    dev.child.kill('SIGTERM');
    expect((await dev.finished).code).toBe(0);
  });
});

const echo = `import { definePlugin, Points, route, Type } from 'waha-runtime';
export default definePlugin({
  name: 'echo',
  config: Type.Object({ word: Type.String() }),
  setup: ({ config, contribute }) => {
    const word = route({ method: 'GET', path: '/word', summary: 'Word', access: 'public', handle: () => config.word });
    contribute(Points.Routes, { tag: 'Word', routes: [word] });
  },
});
`;
