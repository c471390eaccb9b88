import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { settle } from '../../support/clock.ts';
import { propertyRuns } from '../../support/property-runs.ts';
import { Chaos, type Command, closeReasons, commands, faults, type Name, names, outages, type Step } from './chaos.ts';

const session = fc.constantFrom(...names);
const last: fc.Arbitrary<Command> = fc.constantFrom(...commands);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom(...commands), session }) },
  { weight: 3, arbitrary: fc.record({ whileClosing: last, session }) },
  { weight: 8, arbitrary: fc.record({ fault: fc.constantFrom(...faults), session }) },
  { weight: 4, arbitrary: fc.record({ drop: fc.constantFrom(...closeReasons), session }) },
  { weight: 1, arbitrary: fc.record({ outage: fc.constantFrom(...outages) }) },
  { weight: 4, arbitrary: fc.record({ pass: fc.integer({ min: 1, max: 90_000 }) }) },
  { weight: 1, arbitrary: fc.record({ pass: fc.integer({ min: 90_000, max: 1_800_000 }) }) },
);

/** What a session is, once the last command has come through and nothing is wrong any more. */
const expected = (chaos: Chaos, name: Name, command: Command): string[] => {
  const desired = chaos.desired(name);
  if (desired === 'none') return ['none'];
  // Neither a change of the config nor the creation of what exists mends what failed.
  const failed = command === 'create' || command === 'hot' || command === 'cold' ? ['FAILED'] : [];
  return [desired === 'stopped' ? 'STOPPED' : 'WORKING', ...failed];
};

describe('sessions under random commands and faults', () => {
  it('never have two connections, keep every deadline, end as the last command asks, and leave nothing behind', {
    timeout: 120_000,
  }, async () => {
    const steps = fc.array(step, { minLength: 20, maxLength: 160, size: 'max' });
    await fc.assert(
      fc.asyncProperty(steps, fc.tuple(last, last, last), fc.integer(), async (script, ends, seed) => {
        const chaos = await Chaos.begin(jitter(seed));
        try {
          await run(chaos, script, ends);
        } finally {
          chaos.end();
        }
      }),
      propertyRuns(100),
    );
  });
});

/** The script, then peace and the last commands; what they ask for is what there is, and then nothing is left. */
const run = async (chaos: Chaos, script: readonly Step[], ends: readonly Command[]): Promise<void> => {
  for (const one of script) await chaos.step(one);
  await chaos.peace();
  ends.forEach((command, index) => {
    chaos.command(command, names[index] as Name);
  });
  await settle();
  await chaos.quiet();
  expect([chaos.waiting(), chaos.subscriptions()]).toEqual([0, 0]);
  for (const [index, name] of names.entries()) {
    expect(expected(chaos, name, ends[index] as Command)).toContain(chaos.status(name));
  }
  await clean(chaos);
};

/** Nothing is left once every session is deleted: no connection, no timer. */
const clean = async (chaos: Chaos): Promise<void> => {
  for (const name of names) chaos.command('delete', name);
  await settle();
  await chaos.quiet();
  const { engine, clock, sessions, stores } = chaos.world;
  const left = { connections: engine.live().length, timers: clock.pending.size, sessions: sessions.all().length };
  expect({ ...left, subscriptions: chaos.subscriptions() }).toEqual({
    connections: 0,
    timers: 0,
    sessions: 0,
    subscriptions: 0,
  });
  expect(await stores.sessions.list()).toEqual([]);
};

const jitter = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};
