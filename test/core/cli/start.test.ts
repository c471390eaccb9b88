import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runWaha, runWahaOfCheckout } from './run-waha.ts';

const folder = mkdtempSync(join(tmpdir(), 'waha-start-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A deployment with one plugin of its own; `ready` runs once everything is set up. */
const deployment = (name: string, ready: string): string => {
  const source = `export default { name: '${name}', setup({ onReady, onClose, log }) { ${ready} }, [Symbol.for('waha:plugin')]: 1 };`;
  writeFileSync(join(folder, `${name}.mjs`), source);
  writeFileSync(
    join(folder, `${name}.yaml`),
    `worker: { stopGrace: 30000 }\nplugins:\n  - use: sqlite\n    config: { folder: ${name}-data }\n  - use: ./${name}.mjs\n`,
  );
  return `${name}.yaml`;
};

/** A route whose handler never answers, and whose errors escape it. */
const strays = `
import { Readable } from 'node:stream';
import { createServer, connect } from 'node:net';
import { Worker } from 'node:worker_threads';
const ways = {
  timer: (fail) => setTimeout(fail, 1),
  tick: (fail) => process.nextTick(fail),
  promise: (fail) => void Promise.resolve().then(fail),
  stream: (fail) => void Readable.from(['x']).on('data', fail),
  socket: (fail) => {
    const server = createServer((socket) => socket.end('x')).listen(0, '127.0.0.1', () => {
      connect(server.address().port, '127.0.0.1').on('data', () => { server.close(); fail(); });
    });
  },
  worker: (fail) => new Worker('throw new Error("in the thread")', { eval: true }).on('error', fail),
};
const route = {
  method: 'GET', path: '/stray/{kind}', summary: 'x',
  handle: ({ params }) => new Promise(() => { ways[params.kind](() => { throw new Error('stray ' + params.kind); }); }),
};
export default {
  name: 'strays', [Symbol.for('waha:plugin')]: 1,
  setup({ contribute }) { contribute(Symbol.for('waha:point:routes'), { tag: 'Strays', routes: [route] }); },
};
`;

describe('waha start', { concurrent: true }, () => {
  it('takes the config from WAHA_CONFIG, and stops cleanly at SIGTERM', async () => {
    const file = deployment('calm', "onClose(() => log.info('closed'));");
    const running = runWaha(['start'], folder, { WAHA_CONFIG: file });
    await running.line(/is ready/);
    running.child.kill('SIGTERM');
    const { code, stdout, stderr } = await running.finished;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('closed');
  });

  it('stops cleanly at a signal that comes while it starts', async () => {
    const file = deployment('early', "log.info('setting up'); onClose(() => log.info('closed'));");
    const running = runWaha(['start', '-c', file], folder);
    await running.line(/setting up/);
    running.child.kill('SIGINT');
    const { code, stdout } = await running.finished;
    expect(code).toBe(0);
    expect(stdout).toContain('closed');
  });

  it('ends at once at the second signal', async () => {
    const file = deployment('stuck', "onClose(() => { log.info('closing'); return new Promise(() => {}); });");
    const running = runWaha(['start', '-c', file], folder);
    await running.line(/is ready/);
    running.child.kill('SIGTERM');
    await running.line(/closing/);
    running.child.kill('SIGTERM');
    expect((await running.finished).code).toBe(1);
  });

  it('ends with exit code 1 when an error escapes during the start', async () => {
    const file = deployment(
      'lost',
      "onClose(() => log.info('closed')); onReady(() => new Promise((go) => { setImmediate(() => Promise.reject(new Error('nobody cares'))); setTimeout(go, 50); }));",
    );
    const { code, stdout, stderr } = await runWaha(['start', '-c', file], folder).finished;
    expect(code).toBe(1);
    expect(stderr).toContain('unhandledRejection: nobody cares');
    expect(stdout).toContain('closed');
  });

  it('survives errors that escape afterwards: the request fails, and the log has one line for each', async () => {
    writeFileSync(join(folder, 'strays.mjs'), strays);
    writeFileSync(
      join(folder, 'strays.yaml'),
      'plugins:\n  - use: express\n    config: { host: 127.0.0.1, port: 0, apiKey: key, requestLog: none }\n' +
        '  - use: sqlite\n    config: { folder: strays-data }\n  - use: ./strays.mjs\n',
    );
    const running = runWaha(['start', '-c', 'strays.yaml'], folder);
    const [, url] = await running.line(/is ready on (http:\S+)/);
    for (const kind of ['timer', 'tick', 'promise', 'stream', 'socket', 'worker']) {
      const answer = await fetch(`${url}/stray/${kind}`, { headers: { 'x-api-key': 'key' } });
      expect([kind, answer.status]).toEqual([kind, 500]);
      expect((await fetch(`${url}/ping`)).status).toBe(200);
    }
    running.child.kill('SIGTERM');
    const { code, stdout } = await running.finished;
    expect(code).toBe(0);
    for (const kind of ['timer', 'tick', 'promise', 'stream', 'socket', 'worker']) {
      expect(
        stdout.match(new RegExp(`(?:uncaughtException|unhandledRejection): stray ${kind}$`, 'gm')),
        kind,
      ).toHaveLength(1);
    }
  });
});

describe('SIGHUP', () => {
  it('reads the declared sessions again, and changes nothing when the file is wrong', async () => {
    const yaml = (sessions: string): string => `sessions: ${sessions}
plugins:
  - use: express
    config: { host: 127.0.0.1, port: 0, apiKey: key }
  - use: waha-api
  - use: sqlite
    config: { folder: reload-data }
  - use: sandbox
  - use: baileys
`;
    const file = join(folder, 'reload.yaml');
    writeFileSync(file, yaml('[{ name: one, start: false }]'));
    const running = runWahaOfCheckout(['start', '-c', file], folder);
    const [, url] = await running.line(/is ready on (http:\S+)/);
    const names = async (): Promise<string[]> => {
      const answer = await fetch(`${url}/api/sessions?all=true`, { headers: { 'x-api-key': 'key' } });
      return ((await answer.json()) as { name: string }[]).map(({ name }) => name);
    };
    writeFileSync(file, yaml('[{ name: ../x }]'));
    running.child.kill('SIGHUP');
    await running.line(/the reload failed: .*sessions\.\.\.\/x\.name must be/);
    expect(await names()).toEqual(['one']);
    writeFileSync(file, yaml('[{ name: one, start: false }, { name: two, start: false }]'));
    running.child.kill('SIGHUP');
    await running.line(/the declared sessions were read again/);
    expect(await names()).toEqual(['one', 'two']);
    running.child.kill('SIGTERM');
    expect((await running.finished).code).toBe(0);
  });
});

describe('the other commands', { concurrent: true }, () => {
  it('check a file and list its plugins in order', async () => {
    const file = deployment('listed', '');
    const [checked, listed] = await Promise.all([
      runWaha(['check', '-c', file], folder).finished,
      runWaha(['plugins', '-c', file], folder).finished,
    ]);
    const setup = "only the start checks what 'listed' does in its setup, such as the events that it listens to\n";
    expect(checked).toEqual({ code: 0, stdout: `listed.yaml is valid: 2 plugins, 0 sessions\n${setup}`, stderr: '' });
    expect(listed.stdout).toBe(`1  sqlite  ready  built-in\n2  listed  ready  ${join(folder, 'listed.mjs')}\n`);
  });

  it('run the sandbox on its own until SIGTERM', async () => {
    const running = runWaha(['sandbox', '--port', '0', '--control-port', '0'], folder);
    const [, url] = await running.line(/Control: +(http:\S+)/);
    expect(await (await fetch(`${url}`)).json()).toMatchObject({ rootKey: expect.any(String) });
    running.child.kill('SIGTERM');
    expect((await running.finished).code).toBe(0);
  });

  it('refuse a port that is none', async () => {
    const { code, stderr } = await runWaha(['sandbox', '--port', '99999'], folder).finished;
    expect(code).toBe(2);
    expect(stderr).toContain('a port is 0 to 65535');
  });
});
