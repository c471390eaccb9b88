import { describe, expect, it } from 'vitest';
import { sessionExists } from '../../../core/errors.ts';
import { reconcileShared } from '../../../core/session/declared.ts';
import type { ActorSessions } from '../../../core/session/sessions.ts';
import { mapStorage } from '../../plugins/express/serve.ts';
import { recordingLog } from '../../support/log.ts';

/** The sessions of a cluster, by name, each with its config and whether it shall run. */
const world = () => {
  const stored = new Map<string, { config: object; runs: boolean }>();
  const applied = mapStorage();
  const change = (name: string, what: Partial<{ config: object; runs: boolean }>) =>
    stored.set(name, { config: {}, runs: false, ...stored.get(name), ...what });
  /** A process that has these sessions. */
  const process = (...names: string[]) => {
    const has = (name: string) => names.includes(name) && stored.has(name);
    const own = {
      has,
      get: (name: string) => stored.get(name),
      update: async (name: string, config: object) => void change(name, { config }),
      start: async (name: string) => void change(name, { runs: true }),
      stop: async (name: string) => void change(name, { runs: false }),
    } as unknown as ActorSessions;
    const all = {
      has: (name: string) => stored.has(name),
      create: async ({ name = '', config = {}, start = true }) => {
        if (stored.has(name)) throw sessionExists(name);
        return change(name, { config, runs: start }) as never;
      },
    };
    const log = recordingLog();
    return (declared: { name: string; start?: boolean; config?: object }[], anew = false) =>
      reconcileShared({ all, own, applied, log }, declared, anew);
  };
  return { stored, change, process };
};

const version = (name: string) => ({ metadata: { version: name } });

describe('declared sessions of a cluster', () => {
  it('are made by whoever comes first, and left as they are by those that come with the same', async () => {
    const { stored, change, process } = world();
    const [one, other] = [process('ana'), process()];
    const declared = [{ name: 'ana', config: version('1') }];
    await Promise.all([one(declared), other(declared)]);
    expect([...stored]).toEqual([['ana', { config: version('1'), runs: true }]]);
    change('ana', { runs: false });
    await one(declared);
    await other(declared);
    expect(stored.get('ana')).toEqual({ config: version('1'), runs: false });
  });

  it('that changed are changed once, by the process that has the session; an older file changes nothing back', async () => {
    const { stored, process } = world();
    const [owner, other] = [process('ana'), process()];
    const at = (name: string) => [{ name: 'ana', config: version(name) }];
    await owner(at('1'));
    await other(at('2'));
    expect(stored.get('ana')?.config).toEqual(version('1'));
    await owner(at('2'));
    expect(stored.get('ana')?.config).toEqual(version('2'));
    await owner(at('1'));
    expect(stored.get('ana')?.config).toEqual(version('2'));
    await owner(at('1'), true);
    expect(stored.get('ana')?.config).toEqual(version('1'));
  });

  it('that fail hold up no other', async () => {
    const { stored, process } = world();
    const log = recordingLog();
    const broken = { has: () => false, create: async () => Promise.reject(new Error('no')) };
    const own = { has: () => false } as unknown as ActorSessions;
    await reconcileShared({ all: broken as never, own, applied: mapStorage(), log }, [{ name: 'a' }, { name: 'b' }]);
    expect(log.lines.map(({ message }) => message)).toEqual([
      'the declared session could not be made so: no',
      'the declared session could not be made so: no',
    ]);
    await process('c')([{ name: 'c', start: false }]);
    expect(stored.get('c')).toEqual({ config: {}, runs: false });
  });
});
