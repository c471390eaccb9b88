import type { Fleet } from '../fleet.ts';
import type { Pair } from '../report/statistics.ts';
import { median } from '../report/statistics.ts';
import type { Bench, Figure, Goal, Row } from '../row.ts';
import type { NodeProcess } from '../sides/process.ts';

const inFlight = 20;

/** How a number of messages went through. */
export interface Burst {
  readonly perSecond: number;
  /** Of the process under test, per message. */
  readonly cpuMs: number;
}

/** Inbound 1:1 messages until their webhooks have arrived, with so many linked sessions in the process. */
export const inbound = (sessions: number | 'all', goal: Goal, quick: boolean): Row => ({
  name: sessions === 'all' ? 'inbound-many' : `inbound-${sessions}`,
  title: 'inbound 1:1 message → webhook',
  quick,
  async measure(bench) {
    const count = sessions === 'all' ? bench.options.sessions : sessions;
    const fleet = await bench.fleet(count);
    const messages = bench.options.quick ? 300 : 600;
    const floors: Burst[] = [];
    const ours: Burst[] = [];
    for (let round = 0; round <= bench.options.rounds; round++) {
      const floor = await burst(fleet, fleet.floor.process, fleet.floor.numbers, messages);
      const mine = await burst(fleet, fleet.ours.process, fleet.ours.numbers, messages);
      // The first one warms up: V8 has not compiled the path yet.
      if (round === 0) continue;
      floors.push(floor);
      ours.push(mine);
    }
    return [figure(bench, `inbound-${count}`, count, goal, floors, ours)];
  },
});

/** Sends messages to accounts or groups, and waits for a webhook of each. */
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
  if (arrived.distinct !== messages) throw new Error(`${arrived.distinct} of ${messages} different webhooks arrived`);
  const perSecond = (messages - 1) / ((arrived.last - arrived.first) / 1000);
  return { perSecond, cpuMs: (process.cpu() - cpu) / messages };
};

const figure = (
  bench: Bench,
  row: string,
  sessions: number,
  goal: Goal,
  floors: readonly Burst[],
  ours: readonly Burst[],
): Figure => {
  const rounds: Pair[] = ours.map((one, index) => ({ floor: floors[index]?.perSecond ?? 0, ours: one.perSecond }));
  const cpu = (bursts: readonly Burst[]) => round(median(bursts.map(({ cpuMs }) => cpuMs)));
  bench.say(`CPU per message: ${cpu(floors)} ms bare, ${cpu(ours)} ms ours`);
  return {
    row,
    unit: 'messages/s',
    title: `inbound 1:1 → webhook, ${sessions} session${sessions === 1 ? '' : 's'}; floor: Baileys with as many sockets + got`,
    goal,
    rounds,
    notes: { sessions, cpuFloorMs: cpu(floors), cpuOursMs: cpu(ours) },
  };
};

const round = (value: number): number => Math.round(value * 1000) / 1000;
