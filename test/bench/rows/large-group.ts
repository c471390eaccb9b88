import type { Fleet } from '../fleet.ts';
import { median, type Pair } from '../report/statistics.ts';
import type { Bench, Row } from '../row.ts';
import { barrage, eachOf } from '../sides/http.ts';
import { atRest, type Timed, timed } from './outbound.ts';

/** An account that writes to groups. */
interface Side {
  readonly number: string;
  /** Sends one message after the other to a group. */
  to(group: string): Timed;
}

/** What messages to one group took (ms): the first, and each of those that followed. */
interface Sent {
  readonly first: number;
  readonly wall: number;
  readonly cpu: number;
}

interface Pairs {
  readonly floor: Sent;
  readonly ours: Sent;
}

const messages = 10;
/** How long the phones of all members may take for what they got. */
const patienceMs = 120_000;

/**
 * Texts to a large group. The first one brings every member the key, the others do not. What follows from one thing is over
 * before the next is measured. Bare Baileys does not wait for WhatsApp's word, ours does.
 */
export const largeGroup: Row = {
  name: 'large-group',
  title: 'POST /api/sendText to a group of 1,000',
  quick: false,
  async measure(bench) {
    const members = bench.options.quick ? 100 : 1_000;
    const { floor, ours } = sidesOf(await bench.fleet(1));
    const others = people(members);
    const sandbox = await bench.sandbox();
    const confirm = (on: boolean) => eachOf(others, 4, (number) => sandbox.confirms(number, on));
    const toGroup = async (count: number): Promise<Pairs> => ({
      floor: await toNewGroup(bench, floor, others, count),
      ours: await toNewGroup(bench, ours, others, count),
    });
    const roundsOf = async (): Promise<Pairs[]> => {
      const rounds: Pairs[] = [];
      for (let round = 0; round <= bench.options.rounds; round++) rounds.push(await toGroup(messages));
      return rounds.slice(1);
    };
    await confirm(false);
    // Nobody has a session with anybody yet: both sides fetch keys for every member.
    const strangers = [await toGroup(1)];
    const silent = await roundsOf();
    await confirm(true);
    const confirming = await roundsOf();
    const what = `POST /api/sendText to a group of ${members}`;
    return [
      {
        ...{
          row: 'large-group-strangers',
          unit: 'ms',
          goal: { at: 'most', ratio: 1 },
          rounds: pairs(strangers, 'first'),
        },
        title: `${what} strangers; floor: bare sendMessage`,
      },
      {
        ...{ row: 'large-group-first', unit: 'ms', rounds: pairs(silent, 'first') },
        title: `${what} that does not have our key yet; floor: bare sendMessage`,
      },
      {
        ...{ row: 'large-group', unit: 'ms', goal: { at: 'most', ratio: 1.1 } },
        ...{ rounds: pairs(silent, 'wall'), cpu: middle(pairs(silent, 'cpu')) },
        title: `${what}, one after the other; floor: bare sendMessage`,
      },
      {
        ...{ row: 'large-group-acks', unit: 'ms', rounds: pairs(confirming, 'cpu') },
        title: `CPU of the same with ${members} confirmations of each, which are events of ours; floor: bare sendMessage`,
      },
    ];
  },
};

const people = (members: number): string[] =>
  Array.from({ length: members - 2 }, (_, index) => `${5_579_000_000_000 + index}`);

const pairs = (rounds: readonly Pairs[], name: keyof Sent): Pair[] =>
  rounds.map(({ floor, ours }) => ({ floor: floor[name], ours: ours[name] }));

const middle = (pairs: readonly Pair[]): Pair => ({
  floor: median(pairs.map(({ floor }) => floor)),
  ours: median(pairs.map(({ ours }) => ours)),
});

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

const toNewGroup = async (
  bench: Bench,
  { number, to }: Side,
  others: readonly string[],
  count: number,
): Promise<Sent> => {
  const sandbox = await bench.sandbox();
  const send = to(await sandbox.group(number, others));
  await atRest(sandbox.process, patienceMs);
  const first = 1000 / (await send(1)).perSecond;
  await atRest(sandbox.process, patienceMs);
  const { perSecond, cpuMs } = await send(count);
  await atRest(sandbox.process, patienceMs);
  return { first: Math.round(first), wall: Math.round(1000 / perSecond), cpu: Math.round(cpuMs) };
};
