import { atOnce, type Fleet } from '../fleet.ts';
import { median, type Pair } from '../report/statistics.ts';
import type { Bench, Figure, Goal, Row } from '../row.ts';
import type { NodeProcess } from '../sides/process.ts';
import { Waha } from '../sides/waha.ts';

const inFlight = 20;
/** How many bursts go before those that count. */
const warmUp = 4;

/** How a number of messages went through. */
export interface Burst {
  readonly perSecond: number;
  /** Of the process under test, per message. */
  readonly cpuMs: number;
}

export interface InboundGoals {
  /** Against bare Baileys with as many sockets. */
  readonly bare?: Goal;
  /** Against the runtime itself with one session. */
  readonly own?: Goal;
}

/** Inbound 1:1 messages until their webhooks have arrived, with so many linked sessions in the process. */
export const inbound = (sessions: number | 'all', goals: (sessions: number) => InboundGoals): Row => ({
  name: sessions === 'all' ? 'inbound-many' : `inbound-${sessions}`,
  title: 'inbound 1:1 message → webhook',
  quick: sessions !== 'all',
  async measure(bench) {
    const count = sessions === 'all' ? bench.options.sessions : sessions;
    const fleet = await bench.fleet(count);
    const single = count > 1 ? await singleOf(bench, fleet) : null;
    try {
      const { pairs, own, cpu, ownCpu } = await compareBursts(bench, fleet, count, single);
      const goal = goals(count);
      const bare = `inbound 1:1 → webhook, ${count} session${count === 1 ? '' : 's'}; floor: Baileys with as many sockets + got`;
      const notes = { sessions: count };
      const figures: Figure[] = [
        { row: `inbound-${count}`, unit: 'messages/s', title: bare, ...goalOf(goal.bare), rounds: pairs, cpu, notes },
      ];
      if (!single) return figures;
      const title = `inbound 1:1 → webhook, ${count} sessions; floor: the runtime with one session`;
      const row = `inbound-${count}-own`;
      return [...figures, { row, unit: 'messages/s', title, ...goalOf(goal.own), rounds: own, cpu: ownCpu }];
    } finally {
      await single?.stop();
    }
  },
});

const goalOf = (goal: Goal | undefined) => (goal ? { goal } : {});

/** The runtime with one session, as another process that posts to the same receiver. */
const singleOf = async (bench: Bench, { sandbox, receiver, folder }: Fleet): Promise<Waha> => {
  const options = { folder: `${folder}/single`, sandbox, webhook: receiver.url, atOnce };
  const single = await Waha.start(bench.package, options);
  await single.link(sandbox, ['55660000000'], 1);
  return single;
};

export interface Compared {
  readonly pairs: readonly Pair[];
  readonly cpu: Pair;
  /** Against the runtime with one session. */
  readonly own: readonly Pair[];
  readonly ownCpu: Pair;
}

/** Bursts to both sides, and to the runtime with one session, in turns. */
export const compareBursts = async (
  bench: Bench,
  fleet: Fleet,
  sessions: number,
  single: Waha | null = null,
): Promise<Compared> => {
  const messages = bench.options.quick ? 300 : 800;
  const sides = { floor: fleet.floor, ours: fleet.ours, ...(single ? { single } : {}) };
  const bursts: Record<string, Burst[]> = { floor: [], ours: [], single: [] };
  for (let round = 0; round <= bench.options.rounds; round++) {
    for (const [name, { process, numbers }] of Object.entries(sides)) {
      // The first one warms up: V8 compiles the path bit by bit, over thousands of messages.
      const many = round === 0 && !bench.options.quick ? messages * warmUp : messages;
      const one = await burst(fleet, process, numbers.slice(0, sessions), many);
      if (round > 0) bursts[name]?.push(one);
    }
  }
  const pairsOf = (floor: readonly Burst[] = []): Pair[] =>
    floor.map(({ perSecond }, index) => ({ floor: perSecond, ours: bursts['ours']?.[index]?.perSecond ?? 0 }));
  const cpuOf = (all: readonly Burst[] = []) => median(all.map(({ cpuMs }) => cpuMs));
  const cpu = { floor: cpuOf(bursts['floor']), ours: cpuOf(bursts['ours']) };
  bench.say(`CPU per message: ${cpu.floor.toFixed(2)} ms bare, ${cpu.ours.toFixed(2)} ms ours`);
  const ownCpu = { floor: cpuOf(bursts['single']), ours: cpu.ours };
  return { pairs: pairsOf(bursts['floor']), own: pairsOf(bursts['single']), cpu, ownCpu };
};

/** Sends messages to accounts or groups, and waits until each has arrived. */
export const burst = async (
  { sandbox, receiver }: Pick<Fleet, 'sandbox' | 'receiver'>,
  process: NodeProcess,
  targets: readonly string[],
  messages: number,
): Promise<Burst> => {
  await receiver.reset();
  const cpu = process.cpu();
  const [load, arrived] = await Promise.all([sandbox.load(targets, messages, inFlight), receiver.until(messages)]);
  if (load.failed > 0) throw new Error(`${load.failed} messages failed`);
  if (arrived.distinct !== messages) throw new Error(`${arrived.distinct} of ${messages} different messages arrived`);
  // A side that holds its first webhook back, as one whose event loop is busy does, would look quick between first and last.
  const perSecond = Math.min(load.perSecond, (messages - 1) / ((arrived.last - arrived.first) / 1000));
  return { perSecond, cpuMs: (process.cpu() - cpu) / messages };
};
