import { describe, expect, it } from 'vitest';
import { type HostEntry, orderPlugins } from '../../../core/host/order.ts';
import { definePlugin, type Token, token } from '../../../core/index.ts';

const [A, B, Core] = [token<string>('a'), token<string>('b'), token<string>('core')];

const entry = (
  name: string,
  parts: { needs?: Token<unknown>[]; wants?: Token<unknown>[]; provides?: Token<unknown>[] },
) => {
  const map = (tokens: Token<unknown>[] = []) => Object.fromEntries(tokens.map((it, index) => [`t${index}`, it]));
  const plugin = definePlugin({
    name,
    needs: map(parts.needs),
    wants: map(parts.wants),
    provides: parts.provides ?? [],
    setup: () => undefined,
  });
  return {
    name,
    plugin,
    config: {},
    onFailure: 'stop',
    from: 'test',
    where: `waha.yaml:${name}`,
  } as unknown as HostEntry;
};

const names = (entries: readonly HostEntry[]) => entries.map(({ name }) => name);

describe('the order of plugins', () => {
  it('is the order of the YAML when nobody needs anybody', () => {
    const { order, problems } = orderPlugins([entry('one', {}), entry('two', {}), entry('three', {})], []);
    expect(names(order)).toEqual(['one', 'two', 'three']);
    expect(problems).toEqual([]);
  });

  it('puts providers before those who need or want them', () => {
    const entries = [
      entry('user', { needs: [A], wants: [B] }),
      entry('b', { provides: [B] }),
      entry('a', { provides: [A] }),
    ];
    expect(names(orderPlugins(entries, []).order)).toEqual(['b', 'a', 'user']);
  });

  it('takes what the runtime provides as there', () => {
    expect(orderPlugins([entry('user', { needs: [Core] })], [Core]).problems).toEqual([]);
  });

  it('names the plugin and the service that nobody provides', () => {
    expect(orderPlugins([entry('user', { needs: [A] })], []).problems).toEqual([
      "waha.yaml:user: plugin 'user' needs 'a', which no loaded plugin provides",
    ]);
  });

  it('does without a wanted service that nobody provides', () => {
    expect(orderPlugins([entry('user', { wants: [A] })], []).problems).toEqual([]);
  });

  it('names two plugins that provide the same', () => {
    const { problems } = orderPlugins([entry('one', { provides: [A] }), entry('two', { provides: [A] })], []);
    expect(problems).toEqual(["waha.yaml:two: plugins 'one' and 'two' both provide 'a'; load one of them"]);
  });

  it('names the circle', () => {
    const entries = [entry('one', { needs: [B], provides: [A] }), entry('two', { needs: [A], provides: [B] })];
    expect(orderPlugins(entries, []).problems).toEqual([
      'waha.yaml:one: plugins need each other in a circle: one → two → one',
    ]);
  });
});
