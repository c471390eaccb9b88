import { atOnce, type Fleet } from '../fleet.ts';
import { median, type Pair } from '../report/statistics.ts';
import { warmUp } from '../rounds.ts';
import type { Bench, Figure, Goal, Row } from '../row.ts';
import type { NodeProcess } from '../sides/process.ts';
import { Waha } from '../sides/waha.ts';

/** So many messages are under way at least. */
const leastInFlight = 20;
/** The floor takes some 20 a second with 1,000 sockets. */
const arrivalMs = 240_000;

/** At full load every session has one message under way. */
export const oneEach = (sessions: number): number => Math.max(leastInFlight, sessions);

/** Who writes, and where it must arrive. */
type Places = Pick<Fleet, 'sandbox' | 'receiver'>;

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
      const sides = {
        floor: new Targets(fleet.floor.process, fleet.floor.numbers.slice(0, count)),
        ours: new Targets(fleet.ours.process, fleet.ours.numbers.slice(0, count)),
        ...(single ? { single: new Targets(single.process, single.numbers) } : {}),
      };
      const { pairs, own, cpu, ownCpu } = await compareBursts(bench, fleet, sides, oneEach(count));
      const goal = goals(count);
      const bare = `inbound 1:1 → webhook, ${count} session${count === 1 ? '' : 's'}; floor: Baileys with as many sockets + undici`;
      const more = { caveats: fleet.caveats(count), notes: { sessions: count } };
      const figures: Figure[] = [
        { row: `inbound-${count}`, unit: 'messages/s', title: bare, ...goalOf(goal.bare), rounds: pairs, cpu, ...more },
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

/** Accounts or groups of a process under test, which take turns over all of its bursts. */
export class Targets {
  readonly process: NodeProcess;
  readonly #names: readonly string[];
  #next = 0;

  constructor(process: NodeProcess, names: readonly string[]) {
    this.process = process;
    this.#names = names;
  }

  /** All of them, from the one whose turn it is. */
  turn(messages: number): string[] {
    const from = this.#next;
    this.#next = (from + messages) % this.#names.length;
    return [...this.#names.slice(from), ...this.#names.slice(0, from)];
  }
}

/** What is compared: the floor, the runtime, and maybe the runtime with one session. */
export interface Sides {
  readonly floor: Targets;
  readonly ours: Targets;
  readonly single?: Targets;
}

/** Bursts to both sides, and to the runtime with one session, in turns; as many messages are under way at each. */
export const compareBursts = async (
  bench: Bench,
  places: Places,
  sides: Sides,
  inFlight = leastInFlight,
): Promise<Compared> => {
  const all = Object.entries(sides) as [keyof Sides, Targets][];
  const bursts: Record<keyof Sides, Burst[]> = { floor: [], ours: [], single: [] };
  const send = (to: Targets, messages: number) => burst(places, to.process, to.turn(messages), messages, inFlight);
  const many = new Map<Targets, number>();
  for (const [name, to] of all) {
    const perSecond = async (messages: number) => (await send(to, messages)).perSecond;
    const messages = await warmUp({ send: perSecond, ...(bench.options.quick ? { quick: 300 } : {}) });
    bench.say(`${name}: ${messages} messages a round`);
    many.set(to, messages);
  }
  for (let round = 0; round < bench.options.rounds; round++) {
    for (const [name, to] of all) bursts[name].push(await send(to, many.get(to) ?? 0));
  }
  return compared(bench, bursts);
};

const compared = (bench: Bench, { floor, ours, single }: Record<keyof Sides, readonly Burst[]>): Compared => {
  const pairsOf = (side: readonly Burst[]): Pair[] =>
    side.map(({ perSecond }, index) => ({ floor: perSecond, ours: ours[index]?.perSecond ?? 0 }));
  const cpuOf = (side: readonly Burst[]) => median(side.map(({ cpuMs }) => cpuMs));
  const cpu = { floor: cpuOf(floor), ours: cpuOf(ours) };
  bench.say(`CPU per message: ${cpu.floor.toFixed(2)} ms floor, ${cpu.ours.toFixed(2)} ms ours`);
  return { pairs: pairsOf(floor), own: pairsOf(single), cpu, ownCpu: { floor: cpuOf(single), ours: cpu.ours } };
};

/** Sends messages to accounts or groups, and waits until each has arrived. */
export const burst = async (
  { sandbox, receiver }: Places,
  process: NodeProcess,
  targets: readonly string[],
  messages: number,
  inFlight = leastInFlight,
): Promise<Burst> => {
  await receiver.reset();
  const cpu = process.cpu();
  const [load, arrived] = await Promise.all([
    sandbox.load(targets, messages, inFlight),
    receiver.until(messages, arrivalMs),
  ]);
  if (load.failed > 0) throw new Error(`${load.failed} messages failed`);
  if (arrived.distinct !== messages) throw new Error(`${arrived.distinct} of ${messages} different messages arrived`);
  // A side that holds its first webhook back, as one whose event loop is busy does, would look quick between first and last.
  const perSecond = Math.min(load.perSecond, (messages - 1) / ((arrived.last - arrived.first) / 1000));
  return { perSecond, cpuMs: (process.cpu() - cpu) / messages };
};
