import { describe, expect, it } from 'vitest';
import type { Point, Token } from '../../../core/contracts/token.ts';
import { type HostEntry, planSetup } from '../../../core/host/order.ts';
import { definePlugin, Points, Tokens, token } from '../../../core/index.ts';

const [A, B, Core] = [token<string>('a'), token<string>('b'), token<string>('core')];

const entry = (
  name: string,
  parts: {
    needs?: Token<unknown>[];
    wants?: Token<unknown>[];
    provides?: Token<unknown>[];
    contributesFirst?: Point<unknown>[];
  },
) => {
  const map = (tokens: Token<unknown>[] = []) => Object.fromEntries(tokens.map((it, index) => [`t${index}`, it]));
  const plugin = definePlugin({
    name,
    needs: map(parts.needs),
    wants: map(parts.wants),
    provides: parts.provides ?? [],
    contributesFirst: parts.contributesFirst ?? [],
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
    const { others, problems } = planSetup([entry('one', {}), entry('two', {}), entry('three', {})], []);
    expect(names(others)).toEqual(['one', 'two', 'three']);
    expect(problems).toEqual([]);
  });

  it('puts providers before those who need or want them', () => {
    const entries = [
      entry('user', { needs: [A], wants: [B] }),
      entry('b', { provides: [B] }),
      entry('a', { provides: [A] }),
    ];
    expect(names(planSetup(entries, []).others)).toEqual(['b', 'a', 'user']);
  });

  it('takes what the runtime provides as there', () => {
    expect(planSetup([entry('user', { needs: [Core] })], [Core]).problems).toEqual([]);
  });

  it('names the plugin and the service that nobody provides', () => {
    expect(planSetup([entry('user', { needs: [A] })], []).problems).toEqual([
      "waha.yaml:user: plugin 'user' needs 'a', which no loaded plugin provides",
    ]);
  });

  it('does without a wanted service that nobody provides', () => {
    expect(planSetup([entry('user', { wants: [A] })], []).problems).toEqual([]);
  });

  it('names two plugins that provide the same', () => {
    const { problems } = planSetup([entry('one', { provides: [A] }), entry('two', { provides: [A] })], []);
    expect(problems).toEqual(["waha.yaml:two: plugins 'one' and 'two' both provide 'a'; load one of them"]);
  });

  it('puts what contributes a database, and what that needs, before all others', () => {
    const entries = [
      entry('user', { needs: [A] }),
      entry('disk', { needs: [B], contributesFirst: [Points.Database] }),
      entry('a', { provides: [A] }),
      entry('b', { provides: [B] }),
      entry('memory', { contributesFirst: [Points.Database] }),
    ];
    const { first, others, problems } = planSetup(entries, []);
    expect([names(first), names(others), problems]).toEqual([['b', 'disk', 'memory'], ['a', 'user'], []]);
  });

  it('names a plugin that is set up too early for what it needs or wants', () => {
    const database = { contributesFirst: [Points.Database] };
    for (const early of [
      entry('disk', { needs: [Core], ...database }),
      entry('disk', { wants: [Core], ...database }),
    ]) {
      expect(planSetup([early], [Core], [Core]).problems).toEqual([
        "waha.yaml:disk: plugin 'disk' is set up before 'core' is there, because the databases depend on it: it cannot need it",
      ]);
    }
    const helper = entry('helper', { needs: [Core], provides: [A] });
    expect(planSetup([helper, entry('disk', { needs: [A], ...database })], [Core], [Core]).problems).toHaveLength(1);
  });

  it('says which name is near, for a token that nobody knows and for one that is none at all', () => {
    const typo = { ...entry('typo', { needs: [token('sesions')] }), from: '/plugins/typo.mjs' };
    expect(planSetup([typo], [Tokens.Sessions]).problems).toEqual([
      "waha.yaml:typo: plugin 'typo' (/plugins/typo.mjs) needs 'sesions', which no loaded plugin provides; did you mean 'sessions'?",
    ]);
    const none = entry('none', {});
    const undefinedToken = { eventLogs: undefined } as unknown as Record<string, Token<unknown>>;
    const lost = { ...none, plugin: { ...none.plugin, needs: undefinedToken } };
    expect(planSetup([lost], [Tokens.EventLog]).problems).toEqual([
      "waha.yaml:none: plugin 'none' needs 'eventLogs' by a token that does not exist; did you mean 'event-log'?",
    ]);
  });

  it('names the circle', () => {
    const entries = [entry('one', { needs: [B], provides: [A] }), entry('two', { needs: [A], provides: [B] })];
    expect(planSetup(entries, []).problems).toEqual([
      'waha.yaml:one: plugins need each other in a circle: one → two → one',
    ]);
  });
});
