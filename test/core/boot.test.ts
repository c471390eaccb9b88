import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { definePlugin, type LoggedEvent, Points, Tokens } from 'waha-runtime';
import { createTestHost, memoryDatabase } from 'waha-runtime/testing';
import { configFrom } from '../../core/config/load.ts';
import { type Runtime, startRuntime } from '../../core/runtime.ts';
import { builtins } from '../../plugins/index.ts';
import { recordingLog } from '../support/log.ts';

const running: Runtime[] = [];
afterEach(async () => {
  for (const runtime of running.splice(0)) await runtime.stop();
});

const folder = mkdtempSync(join(tmpdir(), 'waha-boot-'));
const apiUrl = new URL('../../core/index.ts', import.meta.url).href;

/** Starts a deployment of a database, this code as a plugin by path, and other plugins. */
const startWith = async (name: string, code: string, more: object = {}): Promise<Runtime> => {
  writeFileSync(
    join(folder, name),
    `import { definePlugin, Points, Tokens } from '${apiUrl}';\nexport default ${code};\n`,
  );
  const memory = definePlugin({
    name: 'memory',
    contributesFirst: [Points.Database],
    setup: ({ contribute }) => contribute(Points.Database, memoryDatabase()),
  });
  const plugins = [{ use: `./${name}` }, { use: 'memory' }];
  const config = configFrom({ plugins, worker: { startJitter: 0 }, ...more }, join(folder, 'waha.config.yaml'));
  const known = { ...builtins, memory: async () => ({ default: memory }) };
  const runtime = await startRuntime({ config, builtins: known, log: recordingLog() });
  running.push(runtime);
  return runtime;
};

describe('a plugin by path that names what does not exist stops the start in one sentence', () => {
  const setup = (body: string) =>
    `definePlugin({ name: 'mine', setup({ on, contribute, contributions, onReady }) { ${body} } })`;
  it.each([
    ['an event', setup("on('mesage', () => {})"), "listens to 'mesage', which is no event; did you mean 'message'?"],
    [
      'one event of several',
      setup("on(['message', 'session.state'], () => {})"),
      "listens to 'session.state', which is no event; did you mean 'session.status'?",
    ],
    ['no event at all', setup('on(undefined, () => {})'), 'listens to undefined, which is no event'],
    [
      'a service',
      "definePlugin({ name: 'mine', needs: { sessions: Tokens.Sesions }, setup() {} })",
      "needs 'sessions' by a token that does not exist; did you mean 'sessions'?",
    ],
    ['a point', setup('contribute(Points.EventSnk, {})'), 'names a point that does not exist; there are Points.Engine'],
    [
      'a list',
      setup('onReady(() => contributions(Points.Rutes))'),
      'names a point that does not exist; there are Points.Engine',
    ],
  ])('%s', async (what, code, sentence) => {
    const file = `${what.replaceAll(' ', '-')}.mjs`;
    const failure = await startWith(file, code).catch((error: Error) => error);
    const message = (failure as Error).message;
    expect(message).toContain('waha.config.yaml');
    expect(message).toContain(`plugin 'mine' (${join(folder, file)})`);
    expect(message).toContain(sentence);
    expect(message.split('\n')).toHaveLength(1);
  });

  it('a database that the definition does not speak of', async () => {
    const code = "definePlugin({ name: 'mine', setup({ contribute }) { contribute(Points.Database, {}); } })";
    await expect(startWith('silent.mjs', code)).rejects.toThrow("contributes to 'database' without `contributesFirst`");
  });
});

describe('a start', () => {
  it('has sessions, event log and storage ready in the setup of every plugin', async () => {
    const seen: unknown[] = [];
    const early = definePlugin({
      name: 'early',
      needs: { sessions: Tokens.Sessions, events: Tokens.Events, eventLog: Tokens.EventLog },
      async setup({ services: { sessions, events, eventLog }, storage }) {
        await storage.set('starts', 1);
        await sessions.create({ name: 'made-in-setup', start: false });
        await events.publish({
          session: 'made-in-setup',
          event: 'chat.archive',
          payload: { id: 'x', archived: true, timestamp: 1 },
          engine: 'NOWEB',
        });
        const logged: LoggedEvent[] = await eventLog.read({});
        seen.push(
          await storage.get('starts'),
          sessions.has('made-in-setup'),
          logged.map(({ event }) => event.event),
        );
      },
    });
    const host = await createTestHost({ plugins: [early] });
    await host.close();
    expect(seen).toEqual([1, true, ['chat.archive']]);
  });

  it('has the declared sessions before any door opens', async () => {
    const seen: string[][] = [];
    const door = definePlugin({
      name: 'door',
      needs: { sessions: Tokens.Sessions },
      setup({ services: { sessions }, onReady, onOpen }) {
        const note = () => void seen.push(sessions.list().map(({ name, status }) => `${name} ${status}`));
        onReady(note);
        onOpen(note);
      },
    });
    const yaml = { sessions: [{ name: 'ana' }, { name: 'bo', start: false }] };
    const host = await createTestHost({ plugins: [door], yaml, sessions: [] });
    await host.close();
    expect(seen).toEqual([
      ['ana STOPPED', 'bo STOPPED'],
      ['ana STOPPED', 'bo STOPPED'],
    ]);
  });

  it('gives a plugin that the databases depend on no storage, and says so', async () => {
    let refusal = '';
    const first = definePlugin({
      name: 'first',
      contributesFirst: [Points.Database],
      async setup({ contribute, storage }) {
        contribute(Points.Database, memoryDatabase());
        await storage.get('x').catch((error: Error) => {
          refusal = error.message;
        });
      },
    });
    await (await createTestHost({ plugins: [first] })).close();
    expect(refusal).toBe("plugin 'first' is set up before there is any storage and has none of its own");
  });

  it('closes what it opened when a later plugin fails', async () => {
    const closed: string[] = [];
    const database = definePlugin({
      name: 'disk',
      contributesFirst: [Points.Database],
      setup({ contribute, onClose }) {
        contribute(Points.Database, memoryDatabase());
        onClose(() => void closed.push('disk'));
      },
    });
    const broken = definePlugin({
      name: 'broken',
      setup() {
        throw new Error('no licence');
      },
    });
    await expect(createTestHost({ plugins: [broken, database] })).rejects.toThrow('no licence');
    expect(closed).toEqual(['disk']);
  });
});
