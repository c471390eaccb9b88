import type { Fleet } from '../fleet.ts';
import { median, type Pair } from '../report/statistics.ts';
import type { Bench, Row } from '../row.ts';
import { barrage } from '../sides/http.ts';
import { atRest, type Timed, timed } from './outbound.ts';

/** An account that writes to groups. */
interface Side {
  readonly number: string;
  /** Sends one message after the other to a group. */
  to(group: string): Timed;
}

/** What messages to one group took: the first, and each of those that followed (ms). */
interface Sent {
  readonly first: number;
  readonly wall: number;
  readonly cpu: number;
}

/**
 * Texts to a large group. The first one brings every member the key, the others do not. Every member confirms each twice, and
 * the next thing is measured when that is over. Bare Baileys does not wait for WhatsApp's word, ours does.
 */
export const largeGroup: Row = {
  name: 'large-group',
  title: 'POST /api/sendText to a group of 1,000',
  quick: false,
  async measure(bench) {
    const members = bench.options.quick ? 100 : 1_000;
    const { floor, ours } = sidesOf(await bench.fleet(1));
    const write = (side: Side, count: number) => toNewGroup(bench, side, members, count);
    // Nobody has a session with anybody yet: both sides fetch keys for every member.
    const strangers = { floor: (await write(floor, 1)).first, ours: (await write(ours, 1)).first };
    bench.say(`the first message to ${members} strangers took ${JSON.stringify(strangers)} ms`);
    const rounds: { readonly floor: Sent; readonly ours: Sent }[] = [];
    for (let round = 0; round <= bench.options.rounds; round++) {
      const pair = { floor: await write(floor, 5), ours: await write(ours, 5) };
      if (round > 0) rounds.push(pair);
    }
    const pairs = (name: keyof Sent): Pair[] =>
      rounds.map((pair) => ({ floor: pair.floor[name], ours: pair.ours[name] }));
    const what = `POST /api/sendText to a group of ${members}`;
    const common = { unit: 'ms', goal: { at: 'most', ratio: 1 } } as const;
    return [
      {
        ...{ ...common, row: 'large-group-first', rounds: pairs('first') },
        title: `${what} that does not have our key yet; floor: bare sendMessage`,
        notes: { 'strangers, floor (ms)': strangers.floor, 'strangers, ours (ms)': strangers.ours },
      },
      {
        ...{ ...common, row: 'large-group', rounds: pairs('cpu') },
        title: `CPU of ${what} that has it, receipts included; floor: bare sendMessage`,
        notes: {
          'until it was sent, floor (ms)': median(pairs('wall').map((pair) => pair.floor)),
          'until it was sent, ours (ms)': median(pairs('wall').map((pair) => pair.ours)),
        },
      },
    ];
  },
};

const sidesOf = ({ floor, ours }: Fleet): { readonly floor: Side; readonly ours: Side } => {
  const [bare = '', session = ''] = [floor.numbers[0], ours.numbers[0]];
  const post = (chatId: string) => (requests: number) => {
    const body = (index: number) => JSON.stringify({ session, chatId, text: `bench ${index}` });
    const request = { path: '/api/sendText', method: 'POST', headers: ours.headers, body } as const;
    return barrage(ours.url, { ...request, requests, inFlight: 1 });
  };
  return {
    floor: { number: bare, to: (group) => timed(floor.process, (count) => floor.send(bare, count, 1, group)) },
    ours: { number: session, to: (group) => timed(ours.process, post(group)) },
  };
};

const toNewGroup = async (bench: Bench, { number, to }: Side, members: number, count: number): Promise<Sent> => {
  const others = Array.from({ length: members - 2 }, (_, index) => `${5_579_000_000_000 + index}`);
  const sandbox = await bench.sandbox();
  const send = to(await sandbox.group(number, others));
  await atRest(sandbox.process);
  const first = 1000 / (await send(1)).perSecond;
  await atRest(sandbox.process);
  const { perSecond, cpuMs } = await send(count);
  await atRest(sandbox.process);
  return { first: Math.round(first), wall: Math.round(1000 / perSecond), cpu: Math.round(cpuMs) };
};
