import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Finished, runWaha } from './run-waha.ts';

const folder = mkdtempSync(join(tmpdir(), 'waha-bad-input-'));
const taken = createServer();
beforeAll(() => new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve)));
afterAll(() => {
  taken.close();
  rmSync(folder, { recursive: true });
});

const plugin = (setup: string): string =>
  `export default { name: 'mine', setup() { ${setup} }, [Symbol.for('waha:plugin')]: 1 };`;

let number = 0;
/** Runs `waha <command>` with this YAML and gives what it said. */
const waha = (command: string, yaml: string, env: Record<string, string> = {}): Promise<Finished> => {
  number += 1;
  const file = `config-${number}.yaml`;
  writeFileSync(join(folder, file), yaml);
  return runWaha([command, '--config', file], folder, env).finished.then((result) => ({
    ...result,
    stderr: result.stderr.replaceAll(file, 'config.yaml'),
  }));
};

const database = `  - use: lowdb\n    config: { folder: data }\n`;

describe('a config that cannot work ends with exit code 2 and says where', {
  concurrent: true,
  timeout: 120_000,
}, () => {
  it.each([
    ['broken YAML', 'plugins:\n\t- use: x\n', 'config.yaml:2:1: a tab cannot be used for indentation; use spaces\n'],
    [
      'an unknown key, a wrong type and an unset variable',
      'worker: { startJitter: soon }\nplugin: []\nplugins: [{ use: lowdb }]\n',
      "config.yaml:2: plugin is unknown; did you mean 'plugins'?\nconfig.yaml:1: worker.startJitter must be integer\n",
    ],
    [
      'an unset variable',
      'plugins:\n  - use: lowdb\n    config: { folder: "$' + '{NOT_SET}" }\n',
      'config.yaml:3: the environment variable NOT_SET is not set, and $' + '{NOT_SET} has no default\n',
    ],
    [
      'a missing plugin and a wrong config',
      'plugins:\n  - use: lowbd\n  - use: ./none.ts\n  - use: sqlite\n    config: { foldr: x }\n',
      "config.yaml:2: there is no plugin 'lowbd'; did you mean 'lowdb'?\n" +
        `config.yaml:3: there is no plugin at ./none.ts (looked at ${join(folder, 'none.ts')})\n` +
        "config.yaml:5: plugins.sqlite.config.foldr is unknown; did you mean 'folder'?\n",
    ],
    [
      'a webhook of a declared session that the network guard would never let out',
      'plugins: [{ use: lowdb }]\nsessions:\n  - name: shop\n    config:\n      webhooks:\n' +
        '        - { url: http://169.254.169.254/, events: [message] }\n',
      "config.yaml:6: sessions.shop.config.webhooks.0.url: '169.254.169.254' is not on the public internet; the YAML may " +
        'open it under network.allow (hosts, cidrs or private)\n',
    ],
    [
      'several processes on databases of one',
      'plugins:\n  - use: postgres\n    config: { url: "postgres://127.0.0.1:1/x" }\n  - use: sqlite\n  - use: lowdb\n' +
        '  - use: cluster\nstores:\n  sessions: postgres\n  auth: sqlite\n',
      "config.yaml:9: stores.auth: 'sqlite' is for one process; with plugin 'cluster' write 'postgres'\n" +
        "config.yaml:5: plugin 'lowdb' keeps data for one process, and a second one could not open them; " +
        "with plugin 'cluster' everything is in 'postgres'\n",
    ],
    [
      'a store in no database',
      'plugins: [{ use: lowdb }]\nstores:\n  auth: lowbd\n',
      "config.yaml:3: stores.auth: 'lowbd' is no database; did you mean 'lowdb'? (databases: lowdb)\n",
    ],
  ])('%s', async (_name, yaml, stderr) => {
    expect(await waha('start', yaml)).toEqual({ code: 2, stdout: '', stderr });
  });

  it('is told by the check, too: all faults at once', async () => {
    const webhooks = '[{ url: "http://10.0.0.8/", events: [message] }]';
    const { code, stderr } = await waha(
      'check',
      `plugins: [{ use: lowbd }]\nsessions:\n  - { name: shop, config: { webhooks: ${webhooks} } }\n`,
    );
    expect([code, stderr.split('\n')]).toEqual([
      2,
      [
        "config.yaml:1: there is no plugin 'lowbd'; did you mean 'lowdb'?",
        expect.stringMatching(/^config\.yaml:3: sessions\.shop\.config\.webhooks\.0\.url: '10\.0\.0\.8' is not/),
        '',
      ],
    ]);
  });

  it.each([
    [
      'no plugin that brings one',
      '[{ use: express }]',
      '',
      'no storage plugin is loaded: add one to plugins, for example `- use: sqlite`\n',
    ],
    [
      'another name',
      '[{ use: sqlite, as: main }]',
      'stores: { auth: sqlite }\n',
      "config.yaml:2: stores.auth: 'sqlite' is no database (databases: main)\n",
    ],
  ])('the database of a store is told by the check, too: %s', async (_name, plugins, stores, stderr) => {
    expect(await waha('check', `plugins: ${plugins}\n${stores}`)).toEqual({ code: 2, stdout: '', stderr });
  });

  it('several workers where one process has the data, and a number that is none', async () => {
    writeFileSync(join(folder, 'alone.yaml'), 'plugins: [{ use: sqlite }]\n');
    const start = (count: string) => runWaha(['start', '-c', 'alone.yaml', '--workers', count], folder).finished;
    expect(await start('2')).toEqual({
      code: 2,
      stdout: '',
      stderr:
        '--workers needs several processes on one database: the plugins `cluster` and `postgres`, as in configs/cluster.yaml\n',
    });
    expect(await start('many')).toMatchObject({ code: 2, stderr: expect.stringContaining("from 1 to 256, or 'auto'") });
  });

  it('a file that is not there, and a command that is not there', async () => {
    const missing = await runWaha(['start', '-c', 'none.yaml'], folder).finished;
    expect(missing).toMatchObject({
      code: 2,
      stderr: 'none.yaml: the file does not exist; `npx waha init` writes one\n',
    });
    const unknown = await runWaha(['strat'], folder).finished;
    expect(unknown).toMatchObject({ code: 2 });
    expect(unknown.stderr).toContain("unknown command 'strat'\n(Did you mean start?)");
  });
});

describe('a start that fails ends with exit code 1 and names the culprit', {
  concurrent: true,
  timeout: 120_000,
}, () => {
  it('a plugin that throws in its setup', async () => {
    writeFileSync(join(folder, 'throws.mjs'), plugin("throw new Error('the licence has expired')"));
    const result = await waha('start', `plugins:\n${database.replace('data', 'data-throws')}  - use: ./throws.mjs\n`);
    expect(result).toMatchObject({
      code: 1,
      stderr: `config.yaml:4: plugin 'mine' (${join(folder, 'throws.mjs')}): the licence has expired\n`,
    });
  });

  it('a port that is in use', async () => {
    const { port } = taken.address() as AddressInfo;
    const express = `  - use: express\n    config: { host: 127.0.0.1, port: ${port} }\n`;
    const result = await waha('start', `plugins:\n${express}${database.replace('data', 'data-port')}`);
    expect(result.code).toBe(1);
    expect(result.stderr).toBe(
      `config.yaml:2: plugin 'express': cannot listen on 127.0.0.1:${port}: another program uses the port; stop it or set another port\n`,
    );
  });

  it('a folder that cannot be written', async () => {
    writeFileSync(join(folder, 'a-file'), '');
    const result = await waha('start', `plugins:\n${database.replace('data', 'a-file/data')}`);
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/^config\.yaml:2: plugin 'lowdb': .*a-file\/data.*\n$/);
  });

  it('unless the YAML lets the rest go on', async () => {
    writeFileSync(join(folder, 'optional.mjs'), plugin("throw new Error('no')"));
    const yaml = `plugins:\n${database.replace('data', 'data-optional')}  - use: ./optional.mjs\n    onFailure: continue\n`;
    writeFileSync(join(folder, 'optional.yaml'), yaml);
    const running = runWaha(['start', '-c', 'optional.yaml'], folder);
    await running.line(/is ready/);
    running.child.kill('SIGTERM');
    expect(await running.finished).toMatchObject({ code: 0, stderr: '' });
  });
});
