import { median, type Pair } from '../report/statistics.ts';
import { warmUp } from '../rounds.ts';
import type { Bench, Figure, Goal, Row } from '../row.ts';
import { barrage, pause } from '../sides/http.ts';
import type { NodeProcess } from '../sides/process.ts';
import { contactNumber } from '../sides/sandbox.ts';

/** A process is at rest when it worked no longer than this within such a while (ms). */
const rest = { of: 500, work: 20, limit: 10_000 };

/** How many requests are under way: ours answers when WhatsApp's server has the message, so few of them wait most of the time. */
const loads: readonly Load[] = [
  { row: 'outbound', inFlight: 32, goal: { at: 'least', ratio: 0.8 } },
  { row: 'outbound-8', inFlight: 8 },
  { row: 'outbound-1', inFlight: 1 },
  // Bare Baileys signs each message to a group in JavaScript.
  { row: 'outbound-group', inFlight: 8, toGroup: true, goal: { at: 'least', ratio: 3 } },
];

interface Load {
  readonly row: string;
  readonly inFlight: number;
  /** Each side writes to a group of its own instead of to the contact. */
  readonly toGroup?: boolean;
  readonly goal?: Goal;
}

/** Texts over REST against `sendMessage` called in the process, both with as many under way. */
export const outbound: Row = {
  name: 'outbound',
  title: 'POST /api/sendText',
  quick: true,
  async measure(bench) {
    const figures: Figure[] = [];
    for (const { row, inFlight, toGroup = false, goal } of loads) {
      const where = toGroup ? ' to a group' : '';
      const title = `POST /api/sendText${where}, ${inFlight} in flight; floor: bare sendMessage in ${inFlight} loops`;
      const figure = { row, unit: 'messages/s', title, ...(goal ? { goal } : {}) };
      figures.push({ ...figure, ...(await compare(bench, inFlight, toGroup)) });
    }
    return figures;
  },
};

const compare = async (
  bench: Bench,
  inFlight: number,
  toGroup: boolean,
): Promise<Pick<Figure, 'rounds' | 'cpu' | 'notes'>> => {
  const { floor, ours, sandbox } = await bench.fleet(1);
  const [bare = '', session = ''] = [floor.numbers[0], ours.numbers[0]];
  const [to, chatId] = toGroup
    ? [await sandbox.group(bare), await sandbox.group(session)]
    : [contactNumber, `${contactNumber}@c.us`];
  const body = (index: number) => JSON.stringify({ session, chatId, text: `bench ${index}` });
  const took: number[] = [];
  const request = { path: '/api/sendText', method: 'POST', headers: ours.headers, inFlight, body, took } as const;
  const send = {
    floor: timed(floor.process, (count) => floor.send(bare, count, inFlight, to)),
    ours: timed(ours.process, (requests) => barrage(ours.url, { ...request, requests })),
  };
  const roundOf = async (side: Timed): Promise<number> => {
    const perSecond = async (count: number) => (await side(count)).perSecond;
    return warmUp({ send: perSecond, ...(bench.options.quick ? { quick: 150 } : {}) });
  };
  const many = { floor: await roundOf(send.floor), ours: await roundOf(send.ours) };
  bench.say(`${inFlight} in flight: ${many.floor} messages a round for the floor, ${many.ours} for ours`);
  const rounds: Pair[] = [];
  const cpu: Pair[] = [];
  took.splice(0);
  for (let round = 0; round < bench.options.rounds; round++) {
    const bareSide = await send.floor(many.floor);
    const ownSide = await send.ours(many.ours);
    rounds.push({ floor: bareSide.perSecond, ours: ownSide.perSecond });
    cpu.push({ floor: bareSide.cpuMs, ours: ownSide.cpuMs });
  }
  const cpuMs = { floor: median(cpu.map((pair) => pair.floor)), ours: median(cpu.map((pair) => pair.ours)) };
  return { rounds, cpu: cpuMs, notes: { 'p50 of ours (ms)': rank(took, 0.5), 'p99 of ours (ms)': rank(took, 0.99) } };
};

const rank = (times: readonly number[], share: number): string =>
  ([...times].sort((a, b) => a - b)[Math.floor(times.length * share)] ?? 0).toFixed(1);

export type Timed = (count: number) => Promise<{ perSecond: number; cpuMs: number }>;

/** The CPU time has what follows from the messages, too: receipts, acks, events. */
export const timed =
  (process: NodeProcess, send: (count: number) => Promise<number>): Timed =>
  async (count) => {
    const before = process.cpu();
    const perSecond = await send(count);
    await atRest(process);
    return { perSecond, cpuMs: (process.cpu() - before) / count };
  };

/** Bare Baileys writes faster than it handles the receipts, and what is left of them would burden the other side. */
export const atRest = async (process: NodeProcess, limitMs = rest.limit): Promise<void> => {
  const until = performance.now() + limitMs;
  for (let worked = Number.POSITIVE_INFINITY; worked > rest.work && performance.now() < until; ) {
    const before = process.cpu();
    await pause(rest.of);
    worked = process.cpu() - before;
  }
};
