import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configFrom } from '../../../core/config/load.ts';
import type { AnyPlugin } from '../../../core/contracts/plugin.ts';
import { definePlugin, Points, route, Tokens, token } from '../../../core/index.ts';
import { type Runtime, startRuntime } from '../../../core/runtime.ts';
import { memoryDatabase } from '../../../core/testing/memory-database.ts';
import { TestEngine, testEnginePlugin } from '../../../core/testing/test-engine.ts';
import express from '../../../plugins/express/index.ts';
import { recordingLog } from '../../support/log.ts';

const root = mkdtempSync(join(tmpdir(), 'waha-reload-'));
afterAll(() => rmSync(root, { recursive: true }));

const Greeting = token<string>('greeting');
const seen: string[] = [];
Object.assign(globalThis, { seenByPlugins: seen });

/** A plugin of plain JavaScript, which a test writes anew to change it. */
const source = (version: string, setup = '') => `
const brand = Symbol.for('waha:plugin');
export default {
  [brand]: 1,
  name: 'local',
  config: { type: 'object', properties: { text: { type: 'string' } } },
  needs: { sessions: Symbol.for('waha:sessions') },
  setup({ on, contribute, contributions, onClose, onReady, signal, setInterval }) {
    on('session.status', ({ payload }) => void globalThis.seenByPlugins.push('${version} ' + payload.status));
    contribute(Symbol.for('waha:point:routes'), { tag: 'Local', routes: [
      { method: 'GET', path: '/local', summary: 'Local', access: 'public', handle: () => ({ version: '${version}' }) },
    ] });
    setInterval(() => undefined, 1000);
    onClose(() => void globalThis.seenByPlugins.push('${version} closed'));
    ${setup}
  },
};
`;

let edition = 0;
let file = '';
let runtime: Runtime;
const log = recordingLog();

const world = definePlugin({
  name: 'world',
  contributesFirst: [Points.Database],
  setup({ contribute }) {
    contribute(Points.Database, memoryDatabase());
  },
});
const greeter = definePlugin({
  name: 'greeter',
  provides: [Greeting],
  setup: ({ provide }) => provide(Greeting, 'hello'),
});
const guest = definePlugin({ name: 'guest', needs: { greeting: Greeting }, setup: () => undefined });

const plugins = { world, greeter, guest, express, engine: testEnginePlugin(new TestEngine()) };
const builtins = Object.fromEntries(
  Object.entries(plugins).map(([name, plugin]) => [name, async () => ({ default: plugin as unknown as AnyPlugin })]),
);
const configWith = (local: object = {}) =>
  configFrom({
    plugins: [
      { use: 'express', config: { host: '127.0.0.1', port: 0, apiKey: 'k' } },
      ...['world', 'engine', 'greeter', 'guest'].map((use) => ({ use })),
      { use: file, ...local },
    ],
  });

beforeEach(async () => {
  seen.length = 0;
  const folder = join(root, `plugin-${++edition}`);
  mkdirSync(folder);
  file = join(folder, 'index.mjs');
  writeFileSync(file, source('one'));
  runtime = await startRuntime({ config: configWith(), builtins, log });
  await runtime.sessions.create({ name: 'sales' });
  await runtime.sessions.client('sales');
  await runtime.bus.idle();
});
afterEach(() => runtime.stop());

const version = async (): Promise<unknown> => (await fetch(`${runtime.url}/local`)).json();
const reload = (name = 'local') => runtime.reloadPlugins(undefined, [name]);

describe('reloading a plugin', () => {
  it('runs the new code in its place: routes, listeners, close hooks; the session stays connected', async () => {
    expect(await version()).toEqual({ version: 'one' });
    writeFileSync(file, source('two'));
    await reload();
    expect(await version()).toEqual({ version: 'two' });
    expect(runtime.sessions.transitions('sales').map(({ status }) => status)).toEqual(['STARTING', 'WORKING']);
    await runtime.sessions.stop('sales');
    expect(seen).toEqual(['one STARTING', 'one WORKING', 'one closed', 'two STOPPED']);
    expect(runtime.plugins.map(({ name }) => name).at(-1)).toBe('local');
  });

  it('leaves the old code running when the new one cannot be loaded, and says why', async () => {
    writeFileSync(file, 'export default {');
    await expect(reload()).rejects.toThrow(/cannot be loaded/);
    expect(await version()).toEqual({ version: 'one' });
    expect(seen).not.toContain('one closed');
  });

  it('takes a plugin down whose new code does not start, and takes it up again when it does', async () => {
    writeFileSync(file, source('two', "throw new Error('half-way');"));
    await expect(reload()).rejects.toThrow(/plugin 'local' \(.*index\.mjs\): half-way/);
    expect((await fetch(`${runtime.url}/local`)).status).toBe(401);
    expect(runtime.plugins.at(-1)).toMatchObject({ name: 'local', state: 'failed' });
    expect((await runtime.service(Tokens.Health).check()).details['plugins']).toMatchObject({ status: 'down' });
    writeFileSync(file, source('three'));
    await reload();
    expect(await version()).toEqual({ version: 'three' });
    expect((await runtime.service(Tokens.Health).check()).details['plugins']).toEqual({ status: 'up' });
  });

  it.each([
    ['engine', 'test-engine', 'sessions are connected through its engine'],
    ['database', 'world', 'data is in its database'],
    ['service that others use', 'greeter', "plugin 'guest' uses its 'greeting'"],
  ])('refuses a plugin with an %s', async (_, name, reason) => {
    await expect(reload(name)).rejects.toThrow(`cannot be reloaded: ${reason}; restart the runtime`);
    expect(runtime.plugins.every(({ state }) => state === 'ready')).toBe(true);
  });

  it('knows no plugin of another name', async () => {
    await expect(reload('nobody')).rejects.toThrow("there is no plugin named 'nobody'");
  });
});

describe('a changed config', () => {
  it('changes at once which sessions a plugin works for, without a reload', async () => {
    await runtime.reloadPlugins(configWith({ sessions: { include: ['support-*'] } }));
    await runtime.sessions.stop('sales');
    expect(seen).toEqual(['one STARTING', 'one WORKING']);
    expect(runtime.plugins.at(-1)).toMatchObject({ sessions: ['support-*'] });
  });

  it('reloads the code that runs, not that of the start', async () => {
    writeFileSync(file, source('two'));
    await reload();
    writeFileSync(file, source('three'));
    await runtime.reloadPlugins(configWith({ config: { text: 'other' } }));
    expect(await version()).toEqual({ version: 'two' });
  });

  it('is told to need a restart where only a start reads it', async () => {
    const { plugins } = configWith().value;
    const fewer = plugins.filter(({ use }) => use !== 'guest');
    const warned = () => log.lines.filter(({ level }) => level === 'warn').map(({ message }) => message);
    const before = warned().length;
    await runtime.reloadPlugins(configFrom({ plugins: fewer, log: { level: 'debug' } }));
    expect(warned().slice(before)).toEqual([
      expect.stringMatching(/what changed in 'log' holds after a restart$/),
      expect.stringMatching(/^plugin 'guest' is no longer in .*waha\.config\.yaml.*; it goes on until a restart$/),
    ]);
    expect(await version()).toEqual({ version: 'one' });
  });

  it('is refused whole when it is wrong', async () => {
    await expect(runtime.reloadPlugins(configWith({ config: { colour: 'red' } }))).rejects.toThrow(
      'config.colour is unknown',
    );
    expect(await version()).toEqual({ version: 'one' });
  });
});

describe('config by session', () => {
  it('is the config with what the YAML overrides, the first pattern that fits', async () => {
    const { createTestHost } = await import('../../../core/testing/index.ts');
    const { Type } = await import('../../../core/index.ts');
    const told: unknown[] = [];
    const teller = definePlugin({
      name: 'teller',
      config: Type.Object({
        inbox: Type.Integer({ default: 1 }),
        hours: Type.Object({ from: Type.Integer({ default: 9 }), to: Type.Integer({ default: 18 }) }, { default: {} }),
      }),
      needs: { sessions: Tokens.Sessions },
      setup: ({ configFor, includes, contribute }) => {
        const ask = route({ method: 'GET', path: '/ask', summary: 'Ask', handle: () => told });
        contribute(Points.Routes, { tag: 'Ask', routes: [ask] });
        for (const session of ['a', 'support-br', 'support-x']) told.push([includes(session), configFor(session)]);
      },
    });
    const override = { 'support-br': { config: { inbox: 7 } }, 'support-*': { config: { hours: { to: 20 } } } };
    const host = await createTestHost({
      plugins: [{ use: teller, config: { inbox: 5 }, sessions: { include: ['support-*'], override } }],
    });
    expect(told).toEqual([
      [false, { inbox: 5, hours: { from: 9, to: 18 } }],
      [true, { inbox: 7, hours: { from: 9, to: 18 } }],
      [true, { inbox: 5, hours: { from: 9, to: 20 } }],
    ]);
    await host.close();
  });
});
