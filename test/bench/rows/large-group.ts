import type { Fleet } from '../fleet.ts';
import type { Pair } from '../report/statistics.ts';
import type { Bench, Row } from '../row.ts';
import { barrage } from '../sides/http.ts';

const inFlight = 4;

/** Texts to a large group: the first ones bring every member the key, the others do not. */
export const largeGroup: Row = {
  name: 'large-group',
  title: 'POST /api/sendText to a group of 1,000',
  quick: false,
  async measure(bench) {
    const members = bench.options.quick ? 100 : 1_000;
    const fleet = await bench.fleet(1);
    const sides = sidesOf(fleet);
    // Nobody has a session with anybody yet: both sides fetch keys for every member.
    const strangers = {
      floor: await first(bench, sides.floor, members),
      ours: await first(bench, sides.ours, members),
    };
    const firsts: Pair[] = [];
    const rounds: Pair[] = [];
    for (let round = 0; round <= bench.options.rounds; round++) {
      const [bare, own] = [await groupOf(bench, sides.floor, members), await groupOf(bench, sides.ours, members)];
      firsts.push({ floor: await took(sides.floor, bare), ours: await took(sides.ours, own) });
      const pair = {
        floor: await sides.floor.send(bare, messages(bench)),
        ours: await sides.ours.send(own, messages(bench)),
      };
      if (round > 0) rounds.push(pair);
    }
    const notes = { 'to strangers, floor (ms)': strangers.floor, 'to strangers, ours (ms)': strangers.ours };
    const what = `POST /api/sendText to a group of ${members}`;
    return [
      {
        ...{ row: 'large-group-first', unit: 'ms', goal: { at: 'most', ratio: 1 }, rounds: firsts.slice(1), notes },
        title: `${what} that has no key of ours yet; floor: bare sendMessage`,
      },
      {
        ...{ row: 'large-group', unit: 'messages/s', goal: { at: 'least', ratio: 1 }, rounds },
        title: `${what}, ${inFlight} in flight; floor: bare sendMessage in ${inFlight} loops`,
      },
    ];
  },
};

interface Side {
  readonly number: string;
  /** Resolves with how many a second. */
  send(group: string, count: number): Promise<number>;
}

const sidesOf = ({ floor, ours }: Fleet): { readonly floor: Side; readonly ours: Side } => {
  const [bare = '', session = ''] = [floor.numbers[0], ours.numbers[0]];
  const post = (chatId: string, requests: number) => {
    const body = (index: number) => JSON.stringify({ session, chatId, text: `bench ${index}` });
    return barrage(ours.url, {
      path: '/api/sendText',
      method: 'POST',
      headers: ours.headers,
      requests,
      inFlight,
      body,
    });
  };
  return {
    floor: { number: bare, send: (group, count) => floor.send(bare, count, inFlight, group) },
    ours: { number: session, send: post },
  };
};

const messages = ({ options }: Bench): number => (options.quick ? 10 : 40);

const took = async (side: Side, group: string): Promise<number> => 1000 / (await side.send(group, 1));

const groupOf = async (bench: Bench, { number }: Side, members: number): Promise<string> => {
  const others = Array.from({ length: members - 2 }, (_, index) => `${5_579_000_000_000 + index}`);
  return (await bench.sandbox()).group(number, others);
};

const first = async (bench: Bench, side: Side, members: number): Promise<number> => {
  const ms = Math.round(await took(side, await groupOf(bench, side, members)));
  bench.say(`the first message of ${side.number} to a group of ${members} strangers took ${ms} ms`);
  return ms;
};
