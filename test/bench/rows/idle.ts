import { join } from 'node:path';
import { atOnce, type Fleet } from '../fleet.ts';
import type { Pair } from '../report/statistics.ts';
import type { Figure, Row } from '../row.ts';
import { pause } from '../sides/http.ts';
import type { NodeProcess } from '../sides/process.ts';

/** One side of a round: how fast sessions came back, and what they weigh and burn when nothing happens. */
interface Rest {
  readonly perSecond: number;
  /** More than before the first session. */
  readonly bytes: number;
  /** The whole process. */
  readonly total: number;
  readonly cpuMs: number;
}

const watchMs = 4_000;

/** Restarts both processes: what coming back costs, and what sessions cost at rest. */
export const idle: Row = {
  name: 'idle',
  title: 'resume, memory and CPU of idle linked sessions',
  quick: true,
  async measure(bench) {
    const count = bench.options.sessions;
    const fleet = await bench.fleet(count);
    const saved = join(fleet.folder, 'bare');
    const { numbers: bare } = fleet.floor;
    const { numbers: own } = fleet.ours;
    await fleet.floor.save(saved);
    const rounds: { floor: Rest; ours: Rest }[] = [];
    for (let round = 0; round < bench.options.rounds; round++) {
      await Promise.all([fleet.floor.stop(), fleet.ours.stop()]);
      const floor = await floorAtRest(fleet, bare, saved);
      // The two rest one after the other: what one burns must not slow the other down.
      await fleet.floor.stop();
      const ours = await oursAtRest(fleet, own, round);
      bench.say(`round ${round + 1}: ${megabytes(floor.bytes)} MB bare, ${megabytes(ours.bytes)} MB ours`);
      rounds.push({ floor, ours });
    }
    fleet.floor = await fleet.startFloor();
    await fleet.floor.resume(bare, atOnce, saved);
    fleet.floor.numbers.push(...bare);
    return figures(count, rounds);
  },
};

const floorAtRest = async (fleet: Fleet, numbers: readonly string[], folder: string): Promise<Rest> => {
  fleet.floor = await fleet.startFloor();
  const { process } = fleet.floor;
  const before = await settled(process);
  const perSecond = await fleet.floor.resume(numbers, atOnce, folder);
  const total = await settled(process);
  return { perSecond, bytes: total - before, total, cpuMs: await burned(process) };
};

const oursAtRest = async (fleet: Fleet, numbers: readonly string[], round: number): Promise<Rest> => {
  const empty = await fleet.startOurs(join(fleet.folder, `empty-${round}`));
  const before = await settled(empty.process);
  await empty.stop();
  fleet.ours = await fleet.startOurs();
  const { process } = fleet.ours;
  const began = performance.now();
  await fleet.ours.working(numbers.length);
  const perSecond = numbers.length / ((performance.now() - began) / 1000);
  fleet.ours.numbers.push(...numbers);
  const total = await settled(process);
  return { perSecond, bytes: total - before, total, cpuMs: await burned(process) };
};

/** The resident memory once it stands still: a heap that is still growing is not idle. */
const settled = async (process: NodeProcess): Promise<number> => {
  let last = process.rss();
  let calm = 0;
  for (let tries = 0; tries < 30 && calm < 4; tries++) {
    await pause(500);
    const now = process.rss();
    calm = Math.abs(now - last) < last * 0.005 ? calm + 1 : 0;
    last = now;
  }
  return last;
};

const burned = async (process: NodeProcess): Promise<number> => {
  const before = process.cpu();
  await pause(watchMs);
  return process.cpu() - before;
};

const figures = (count: number, rounds: readonly { floor: Rest; ours: Rest }[]): Figure[] => {
  const pairs = (pick: (rest: Rest) => number): Pair[] =>
    rounds.map(({ floor, ours }) => ({ floor: pick(floor), ours: pick(ours) }));
  const kilobytes = pairs(({ bytes }) => Math.max(bytes, 0) / count / 1024);
  // A clock tick is 10 ms: below one, both count as one.
  const cpu = pairs(({ cpuMs }) => Math.max(cpuMs, 10) / (watchMs / 1000));
  return [
    {
      row: `resume-${count}`,
      unit: 'sessions/s',
      title: `resume of ${count} linked sessions, ${atOnce} at a time; floor: bare Baileys reconnecting them`,
      goal: { at: 'least', ratio: 0.8 },
      rounds: pairs(({ perSecond }) => perSecond),
      notes: { sessions: count },
    },
    {
      row: `memory-${count}`,
      unit: 'KB/session',
      title: `RSS per idle linked session, ${count} sessions; floor: bare Baileys`,
      goal: { at: 'most', ratio: 1.3 },
      rounds: kilobytes,
      notes: { sessions: count },
    },
    {
      row: `rss-${count}`,
      unit: 'MB',
      title: `RSS of the whole process with ${count} idle linked sessions; floor: bare Baileys`,
      ...(count >= 1000 ? { goal: { limit: 1000 } } : {}),
      rounds: pairs(({ total }) => total / 1e6),
    },
    {
      row: `idle-cpu-${count}`,
      unit: 'ms/s',
      title: `CPU of ${count} idle sessions; floor: bare Baileys`,
      rounds: cpu,
    },
  ];
};

const megabytes = (bytes: number): number => Math.round(bytes / 1024 / 102.4) / 10;
