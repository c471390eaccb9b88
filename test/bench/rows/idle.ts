import { join } from 'node:path';
import { atOnce, cutOff, type Fleet } from '../fleet.ts';
import type { Pair } from '../report/statistics.ts';
import type { Bench, Figure, Row } from '../row.ts';
import { pause } from '../sides/http.ts';
import type { NodeProcess } from '../sides/process.ts';

/** One side of a round: how fast sessions came back, and what they weigh and burn when nothing happens. */
interface Rest {
  /** How many came back. */
  readonly sessions: number;
  readonly perSecond: number;
  /** More than before the first session. */
  readonly bytes: number;
  /** The whole process. */
  readonly total: number;
  readonly cpuMs: number;
}

interface Round {
  readonly floor: Rest;
  readonly ours: Rest;
}

const watchMs = 4_000;
/** A floor that has taken longer than this in all gets no third round: with 1,000 sessions it takes minutes. */
const enoughMs = 240_000;

/** Restarts both processes: what coming back costs, and what sessions cost at rest. */
export const idle: Row = {
  name: 'idle',
  title: 'resume, memory and CPU of idle linked sessions',
  quick: true,
  async measure(bench) {
    const count = bench.options.sessions;
    const fleet = await bench.linked(count);
    await fleet.park();
    const rounds: Round[] = [];
    let spentMs = 0;
    while (rounds.length < bench.options.rounds && (rounds.length < 2 || spentMs < enoughMs)) {
      const floor = await floorAtRest(fleet);
      // The two rest one after the other: what one burns must not slow the other down.
      await fleet.floor.stop();
      if (rounds.length > 0) await fleet.ours.stop();
      const ours = await oursAtRest(fleet, rounds.length);
      rounds.push({ floor, ours });
      spentMs += (floor.sessions / floor.perSecond) * 1000;
      bench.say(`round ${rounds.length}: ${said(floor)} bare, ${said(ours)} ours`);
    }
    // Resumed by the next row that needs it.
    fleet.floor = await fleet.startFloor();
    return figures(bench, fleet.linked.ours.length, rounds);
  },
};

const floorAtRest = async (fleet: Fleet): Promise<Rest> => {
  fleet.floor = await fleet.startFloor();
  const { process, numbers } = fleet.floor;
  const before = await settled(process);
  const perSecond = await fleet.resumeFloor(fleet.linked.floor);
  const sessions = numbers.length;
  if (sessions === 0) throw new Error(`not one session of the floor came back within ${fleet.limitMs / 1000} s`);
  const total = await settled(process);
  return { sessions, perSecond, bytes: total - before, total, cpuMs: await burned(process) };
};

const oursAtRest = async (fleet: Fleet, round: number): Promise<Rest> => {
  const numbers = fleet.linked.ours;
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
  return { sessions: numbers.length, perSecond, bytes: total - before, total, cpuMs: await burned(process) };
};

/** The resident memory once it stands still: a heap that is still growing is not idle. */
export const settled = async (process: NodeProcess): Promise<number> => {
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

const figures = ({ options }: Bench, count: number, rounds: readonly Round[]): Figure[] => {
  const pairs = (pick: (rest: Rest) => number): Pair[] =>
    rounds.map(({ floor, ours }) => ({ floor: pick(floor), ours: pick(ours) }));
  const least = Math.min(...rounds.map(({ floor }) => floor.sessions));
  const caveats = [
    ...(least < count ? [cutOff(least, count, options.patienceMs)] : []),
    ...(rounds.length < options.rounds ? [`${rounds.length} rounds`] : []),
  ];
  const common = { caveats, notes: { sessions: count } };
  return [
    {
      row: `resume-${count}`,
      unit: 'sessions/s',
      title: `resume of ${count} linked sessions, ${atOnce} at a time; floor: bare Baileys reconnecting them`,
      goal: { at: 'least', ratio: 0.8 },
      rounds: pairs(({ perSecond }) => perSecond),
      // Each session takes longer than the one before, so those that did not come would have made it slower.
      floorAtMost: least < count,
      ...common,
    },
    {
      row: `memory-${count}`,
      unit: 'KB/session',
      title: `RSS per idle linked session, ${count} sessions; floor: bare Baileys`,
      goal: { at: 'most', ratio: 1.3 },
      rounds: pairs(({ bytes, sessions }) => Math.max(bytes, 0) / sessions / 1024),
      ...common,
    },
    {
      row: `rss-${count}`,
      unit: 'MB',
      title: `RSS of the whole process with ${count} idle linked sessions; floor: bare Baileys`,
      ...(count >= 1000 ? { goal: { limit: 1000 } } : {}),
      rounds: pairs(({ total }) => total / 1e6),
      ...common,
    },
    {
      row: `idle-cpu-${count}`,
      unit: 'ms/s',
      title: `CPU of ${count} idle sessions; floor: bare Baileys`,
      // A clock tick is 10 ms: below one, both count as one.
      rounds: pairs(({ cpuMs }) => Math.max(cpuMs, 10) / (watchMs / 1000)),
      ...common,
    },
  ];
};

const said = ({ sessions, perSecond, bytes }: Rest): string =>
  `${sessions} sessions at ${Math.round(perSecond)}/s, ${Math.round(bytes / 1024 / 102.4) / 10} MB`;
