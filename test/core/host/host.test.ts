import 'reflect-metadata';
import { inject, injectable } from 'tsyringe';
import { describe, expect, it } from 'vitest';
import { Container } from '../../../core/container.ts';
import type { AnyPlugin } from '../../../core/contracts/plugin.ts';
import { point } from '../../../core/contracts/token.ts';
import { PluginHost } from '../../../core/host/host.ts';
import type { HostEntry } from '../../../core/host/order.ts';
import { definePlugin, token } from '../../../core/index.ts';
import { createEgress } from '../../../core/network/egress.ts';
import { SimulatedClock, settle } from '../../support/clock.ts';
import { recordingLog } from '../../support/log.ts';

const Greeting = token<string>('greeting');
const Words = point<string>('words');

const entry = (plugin: AnyPlugin, changes: Partial<HostEntry> = {}): HostEntry => ({
  name: plugin.name,
  plugin,
  config: {},
  onFailure: 'stop',
  from: 'test',
  where: 'waha.yaml:3',
  ...changes,
});

const makeHost = () => {
  const log = recordingLog();
  const clock = new SimulatedClock();
  const egress = createEgress();
  const host = new PluginHost({ baseDir: '/', log, clock, egress, container: new Container(), core: [] });
  const setUp = async (...entries: HostEntry[]) => host.setUp(host.plan({ entries, failed: [] }).others);
  return { host, log, clock, setUp };
};

const plain = (name: string, setup: AnyPlugin['setup'] = () => undefined): AnyPlugin =>
  definePlugin({ name, setup }) as AnyPlugin;

describe('the plugin host', () => {
  it('hands a service from its provider to who needs it', async () => {
    const { setUp } = makeHost();
    const heard: (string | undefined)[] = [];
    const provider = definePlugin({
      name: 'p',
      provides: [Greeting],
      setup: ({ provide }) => provide(Greeting, 'hello'),
    });
    const needing = definePlugin({
      name: 'n',
      needs: { greeting: Greeting },
      setup: ({ services }) => void heard.push(services.greeting),
    });
    await setUp(entry(needing as AnyPlugin), entry(provider as AnyPlugin));
    expect(heard).toEqual(['hello']);
  });

  it('gives undefined for a wanted service that nobody provides', async () => {
    const { setUp } = makeHost();
    const heard: unknown[] = [];
    const wanting = definePlugin({
      name: 'w',
      wants: { g: Greeting },
      setup: ({ services }) => void heard.push(services.g),
    });
    await setUp(entry(wanting as AnyPlugin));
    expect(heard).toEqual([undefined]);
  });

  it('builds a class with injected services in the plugin’s own container', async () => {
    @injectable()
    class Greeter {
      readonly words: string;
      constructor(@inject(Greeting) words: string) {
        this.words = words;
      }
    }
    const { setUp } = makeHost();
    const built: string[] = [];
    const provider = definePlugin({ name: 'p', provides: [Greeting], setup: ({ provide }) => provide(Greeting, 'hi') });
    const user = definePlugin({
      name: 'u',
      needs: { g: Greeting },
      setup: ({ create }) => void built.push(create(Greeter).words),
    });
    await setUp(entry(provider as AnyPlugin), entry(user as AnyPlugin));
    expect(built).toEqual(['hi']);
  });

  it('shows the finished list to every ready hook and to no setup', async () => {
    const { host, setUp } = makeHost();
    const lists: string[][] = [];
    const reader = plain('reader', ({ contribute, contributions, onReady }) => {
      expect(() => contributions(Words)).toThrow('finished in onReady');
      contribute(Words, 'first');
      onReady(() => void lists.push(contributions(Words).map(({ value }) => value)));
    });
    const late = plain('late', ({ contribute }) => contribute(Words, 'second'));
    await setUp(entry(reader), entry(late));
    await host.ready();
    expect(lists).toEqual([['first', 'second']]);
  });

  it('closes in reverse, last hook first, and goes on when one fails', async () => {
    const { host, setUp, log } = makeHost();
    const closed: string[] = [];
    const plugin = (name: string) =>
      plain(name, ({ onClose }) => {
        onClose(() => void closed.push(`${name} 1`));
        onClose(() => {
          closed.push(`${name} 2`);
          throw new Error('jammed');
        });
      });
    await setUp(entry(plugin('a')), entry(plugin('b')));
    await host.close();
    expect(closed).toEqual(['b 2', 'b 1', 'a 2', 'a 1']);
    expect(log.lines.filter(({ level }) => level === 'error')).toHaveLength(2);
  });

  it('reports every plugin that fails, not the first alone', async () => {
    const { setUp } = makeHost();
    const broken = (name: string) =>
      plain(name, () => {
        throw new Error(`${name} is broken`);
      });
    const result = setUp(entry(broken('a')), entry(plain('fine')), entry(broken('b'), { where: 'waha.yaml:9' }));
    await expect(result).rejects.toMatchObject({
      code: 'PLUGIN_FAILED',
      message: "waha.yaml:3: plugin 'a': a is broken\nwaha.yaml:9: plugin 'b': b is broken",
    });
  });

  it('starts the rest without a plugin whose failure may be passed over', async () => {
    const { host, setUp } = makeHost();
    const broken = plain('broken', ({ contribute }) => {
      contribute(Words, 'half');
      throw new Error('no');
    });
    await setUp(entry(broken, { onFailure: 'continue' }), entry(plain('fine')));
    expect(host.contributions(Words)).toEqual([]);
    expect(host.states.map(({ name, state }) => [name, state])).toEqual([
      ['fine', 'ready'],
      ['broken', 'failed'],
    ]);
  });

  it('gives up on a setup that never ends, and names the plugin', async () => {
    const { setUp, clock } = makeHost();
    const result = setUp(entry(plain('slow', () => new Promise(() => undefined))));
    result.catch(() => undefined);
    await settle();
    await clock.pass(10_000);
    await expect(result).rejects.toThrow("waha.yaml:3: plugin 'slow': did not finish setup within 10000 ms");
  });

  it('runs the close hooks of a setup that failed half-way', async () => {
    const { setUp } = makeHost();
    const closed: string[] = [];
    const broken = plain('broken', ({ onClose }) => {
      onClose(() => void closed.push('socket'));
      throw new Error('no');
    });
    await expect(setUp(entry(broken))).rejects.toThrow();
    expect(closed).toEqual(['socket']);
  });

  it('refuses a service that is provided without being declared, or declared without being provided', async () => {
    const undeclared = plain('u', ({ provide }) => provide(Greeting, 'x'));
    await expect(makeHost().setUp(entry(undeclared))).rejects.toThrow("provides 'greeting' without declaring it");
    const missing = definePlugin({ name: 'm', provides: [Greeting], setup: () => undefined }) as AnyPlugin;
    await expect(makeHost().setUp(entry(missing))).rejects.toThrow("declares that it provides 'greeting' and does not");
  });

  it('refuses a contribution after setup', async () => {
    const { host, setUp } = makeHost();
    await setUp(entry(plain('late', ({ contribute, onReady }) => onReady(() => contribute(Words, 'x')))));
    await expect(host.ready()).rejects.toThrow("contributes to 'words' after setup");
  });
});
