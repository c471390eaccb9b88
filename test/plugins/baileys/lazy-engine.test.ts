import { describe, expect, it } from 'vitest';
import type { EngineInput, EngineSignal } from '../../../core/engine.ts';
import type { BaileysEngine } from '../../../plugins/baileys/engine.ts';
import { LazyEngine } from '../../../plugins/baileys/lazy-engine.ts';

const setup = () => {
  const calls: string[] = [];
  const note = (name: string) => async () => void calls.push(name);
  const connection = {
    close: note('close'),
    logout: note('logout'),
    probe: note('probe'),
    configure: (config: object) => void calls.push(`configure ${JSON.stringify(config)}`),
  };
  const sample = { type: 'counter', name: 'seen', help: '', value: 1 } as const;
  const loaded = {
    open: ({ session }: EngineInput) => {
      calls.push(`open ${session}`);
      return connection;
    },
    metrics: [{ collect: () => [sample] }],
    moving: { accept: (account: unknown) => ({ account }) },
  } as unknown as BaileysEngine;
  const signals: EngineSignal[] = [];
  const input = (session: string) =>
    ({ session, signal: (signal: EngineSignal) => signals.push(signal) }) as unknown as EngineInput;
  return { calls, signals, input, loaded };
};

describe('an engine that is loaded when it is needed', () => {
  it('is not loaded by being made, and once by however many sessions', async () => {
    const { calls, input, loaded } = setup();
    let loads = 0;
    const engine = new LazyEngine(async () => {
      loads += 1;
      return loaded;
    });
    expect([loads, engine.collect()]).toEqual([0, []]);
    const early = ['a', 'b'].map((session) => engine.open(input(session)));
    await Promise.all(early.map((connection) => connection.close()));
    engine.open(input('c'));
    expect(loads).toBe(1);
    expect(calls).toEqual(['open a', 'open b', 'close', 'close', 'open c']);
    expect(engine.collect()).toHaveLength(1);
  });

  it('does what was asked of a connection meanwhile, in its order', async () => {
    const { calls, input, loaded } = setup();
    const connection = new LazyEngine(async () => loaded).open(input('a'));
    connection.configure?.({ debug: true });
    await Promise.all([connection.probe?.(), connection.logout()]);
    expect(calls).toEqual(['open a', 'configure {"debug":true}', 'probe', 'logout']);
  });

  it('ends each connection once, with the reason, when it cannot be loaded', async () => {
    const { signals, input } = setup();
    const engine = new LazyEngine(async () => {
      throw new Error('no such file');
    });
    const connection = engine.open(input('a'));
    await connection.close();
    await connection.close();
    const message = 'Baileys cannot be loaded: no such file';
    expect(signals).toEqual([{ type: 'engine.closed', reason: 'engine_error', message }]);
  });

  it('takes accounts over', async () => {
    const { loaded } = setup();
    expect(await new LazyEngine(async () => loaded).moving.accept('x')).toEqual({ account: 'x' });
  });
});
