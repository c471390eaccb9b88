import { describe, expect, it } from 'vitest';
import { configFrom } from '../../../core/config/load.ts';
import type { SessionRecord } from '../../../core/contracts/stores.ts';
import { reconcile } from '../../../core/session/declared.ts';
import { sessionsIndicator } from '../../../core/session/health.ts';
import { printQrCodes } from '../../../core/session/print-qr.ts';
import { type ResumeRun, resume } from '../../../core/session/resume.ts';
import { SessionSupervisor } from '../../../core/session/supervisor.ts';
import { watchForWake } from '../../../core/session/wake-watch.ts';
import { SimulatedClock, settle } from '../../support/clock.ts';
import { recordingLog, silentLog } from '../../support/log.ts';
import { type FakeWorld, sessionsOnFakes } from '../../support/sessions.ts';

const record = (name: string, desired: 'running' | 'stopped' = 'running'): SessionRecord => ({
  name,
  engine: 'NOWEB',
  config: {},
  desired,
  me: null,
  createdAt: 0,
  updatedAt: 0,
});

/** What a process finds when it starts: these sessions in its store. */
const found = async (...records: SessionRecord[]): Promise<FakeWorld> => {
  const world = await sessionsOnFakes();
  for (const one of records) {
    await world.stores.sessions.put(one);
    world.sessions.adopt(one);
  }
  return world;
};

const comeBack = async (
  { sessions, clock }: FakeWorld,
  concurrency = 8,
  jitter = 0,
  spacing = 0,
): Promise<ResumeRun> => {
  const wanted = sessions.all().filter(({ record: { desired } }) => desired === 'running');
  const patience = 60_000;
  const run = resume(wanted, { clock, random: () => 0.5, log: silentLog, concurrency, jitter, spacing, patience });
  await clock.pass(0);
  return run;
};

describe('a process that starts', () => {
  it('brings back what ran and nothing that was stopped, whatever the status was', async () => {
    const world = await found(record('ana'), record('bo', 'stopped'), record('cleo'));
    expect(world.sessions.list().map(({ status }) => status)).toEqual(['STOPPED', 'STOPPED', 'STOPPED']);
    await comeBack(world);
    await settle();
    expect(world.sessions.list().map(({ status }) => status)).toEqual(['STARTING', 'STOPPED', 'STARTING']);
    expect(world.statuses()).toEqual(['STARTING', 'STARTING']);
  });

  it('connects a few at a time, each after a random while, and a hanging one gives its place away', async () => {
    const world = await found(...Array.from({ length: 20 }, (_, index) => record(`s${index}`)));
    const { engine, clock } = world;
    const run = await comeBack(world, 5, 1_000);
    await settle();
    expect(engine.connections).toHaveLength(0);
    await clock.pass(500);
    expect(engine.connections).toHaveLength(5);
    for (const connection of engine.live().slice(0, 3)) connection.open();
    await settle();
    await clock.pass(500);
    expect(engine.connections).toHaveLength(8);
    expect(run.progress).toEqual({ total: 20, done: 3 });
    await clock.pass(60_000);
    await clock.pass(500);
    expect(engine.connections.length).toBeGreaterThanOrEqual(13);
  });

  it('leaves a while between one start and the next, when it is told to', async () => {
    const world = await found(record('ana'), record('bo'), record('cleo'));
    await comeBack(world, 8, 0, 2_000);
    await settle();
    expect(world.engine.connections).toHaveLength(1);
    await world.clock.pass(2_000);
    expect(world.engine.connections).toHaveLength(2);
    await world.clock.pass(2_000);
    expect(world.engine.connections).toHaveLength(3);
  });

  it('starts every session where the YAML says so, but for those that it says shall not', async () => {
    const { sessions, clock, engine } = await found(record('ana', 'stopped'), record('bo', 'stopped'), record('cleo'));
    const config = configFrom({
      plugins: [{ use: 'baileys' }],
      worker: { restartAll: true, startJitter: 0 },
      sessions: [{ name: 'bo', start: false }],
    }).value;
    const supervisor = new SessionSupervisor({ sessions, config, clock, random: () => 0, log: silentLog });
    await supervisor.declare();
    supervisor.resume();
    await clock.pass(0);
    expect(sessions.all().map(({ name, record: { desired } }) => [name, desired])).toEqual([
      ['ana', 'running'],
      ['bo', 'stopped'],
      ['cleo', 'running'],
    ]);
    expect(engine.connections).toHaveLength(2);
  });

  it('lets no broken session stop the rest', async () => {
    const world = await found({ ...record('broken'), engine: 'UNKNOWN' }, record('ana'), record('bo'));
    const run = await comeBack(world, 1);
    await world.clock.pass(0);
    world.engine.last.open();
    await world.clock.pass(0);
    await world.clock.pass(0);
    world.engine.last.open();
    await run.finished;
    expect(world.sessions.get('broken')).toMatchObject({ status: 'FAILED', reason: 'engine_error' });
    expect([world.sessions.get('ana').status, world.sessions.get('bo').status]).toEqual(['WORKING', 'WORKING']);
    expect(run.progress).toEqual({ total: 3, done: 3 });
  });

  it('leaves a session alone that the user stopped before its turn came', async () => {
    const world = await found(record('ana'));
    const run = await comeBack(world, 1, 1_000);
    await world.sessions.stop('ana');
    await world.clock.pass(1_000);
    await run.finished;
    expect(world.engine.connections).toHaveLength(0);
  });
});

describe('declared sessions', () => {
  it('are created, updated, started and stopped; others are left alone', async () => {
    const world = await found(record('ana'), record('bo', 'stopped'), record('cleo'));
    const { sessions } = world;
    await comeBack(world);
    await settle();
    const declared = [
      { name: 'ana', start: false },
      { name: 'bo', config: { metadata: { team: 'a' } } },
      { name: 'dora' },
    ];
    await reconcile(sessions, declared, silentLog);
    expect(sessions.get('ana').status).toBe('STOPPED');
    expect(sessions.get('bo').config).toEqual({ metadata: { team: 'a' } });
    expect(sessions.all().map(({ name, record: { desired } }) => [name, desired])).toEqual([
      ['ana', 'stopped'],
      ['bo', 'running'],
      ['cleo', 'running'],
      ['dora', 'running'],
    ]);
    expect(sessions.get('cleo').status).toBe('STARTING');
  });

  it('that are so already cause nothing', async () => {
    const world = await found(record('ana'));
    await comeBack(world);
    await settle();
    const { updatedAt } = (await world.stores.sessions.get('ana')) ?? {};
    await reconcile(world.sessions, [{ name: 'ana', config: {} }], silentLog);
    expect((await world.stores.sessions.get('ana'))?.updatedAt).toBe(updatedAt);
    expect(world.engine.connections).toHaveLength(1);
  });

  it('that cannot be made so are named in the log and stop nobody', async () => {
    const world = await found();
    const log = recordingLog();
    await reconcile(world.sessions, [{ name: 'no/name' }, { name: 'ana' }], log);
    expect(world.sessions.has('ana')).toBe(true);
    expect(log.lines).toMatchObject([{ level: 'error', fields: { session: 'no/name' } }]);
  });
});

describe('storage that fails', () => {
  it('at the start is a reason to try again, not to fail, and health says so', async () => {
    const world = await found(record('ana'));
    world.engine.prepare = (connection) => queueMicrotask(() => connection.drop('storage', 'the disk is full'));
    await comeBack(world);
    await settle();
    const { sessions, clock, engine } = world;
    expect(sessions.get('ana')).toMatchObject({ status: 'STARTING', reason: 'storage', recoverable: true, attempt: 1 });
    const health = sessionsIndicator(sessions, () => null);
    expect(health.check()).toMatchObject({ status: 'down', message: 'storage fails for session ana' });
    engine.prepare = (connection) => queueMicrotask(() => connection.open());
    await clock.pass(10_000);
    expect(sessions.get('ana').status).toBe('WORKING');
    expect(health.check()).toMatchObject({ status: 'up', WORKING: 1, reconnects: { storage: 1 } });
  });

  it('at a command is told to the caller, and what could not be stored is not so', async () => {
    const { sessions, stores } = await found(record('ana', 'stopped'));
    stores.sessions.put = () => Promise.reject(new Error('the disk is full'));
    await expect(sessions.start('ana')).rejects.toThrow('the disk is full');
    expect(sessions.all()[0]?.record.desired).toBe('stopped');
    expect(sessions.get('ana').status).toBe('STOPPED');
  });
});

describe('a clock that jumps', () => {
  it('by more than a minute is noticed, and one that goes evenly is not', async () => {
    const clock = new SimulatedClock();
    const slept: number[] = [];
    const stop = watchForWake(clock, (milliseconds) => slept.push(milliseconds));
    for (let round = 0; round < 30; round++) await clock.pass(10_000);
    expect(slept).toEqual([]);
    await clock.pass(3_600_000);
    await clock.pass(10_000);
    expect(slept).toEqual([3_590_000]);
    stop();
    expect(clock.pending.size).toBe(0);
  });
});

describe('printQr', () => {
  it('shows every new code in the terminal, with the session it is for', async () => {
    const { sessions, engine, bus, clock } = await found();
    const { write } = process.stdout;
    /** The next picture that is written. */
    const printed = () =>
      new Promise<string>((resolve) => {
        process.stdout.write = ((text: string) => {
          if (text.startsWith("Scan to link session 'ana':\n")) resolve(text);
          return true;
        }) as typeof write;
      });
    try {
      printQrCodes(bus, sessions, silentLog);
      const first = printed();
      await sessions.create({ name: 'ana' });
      engine.last.qr();
      await first;
      const second = printed();
      await clock.pass(60_000);
      expect(await second).not.toBe(await first);
    } finally {
      process.stdout.write = write;
    }
  });
});
