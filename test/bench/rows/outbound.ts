import type { Pair } from '../report/statistics.ts';
import type { Row } from '../row.ts';
import { barrage } from '../sides/http.ts';
import { contactNumber } from '../sides/sandbox.ts';

const inFlight = 8;

/** Texts over REST against `sendMessage` called in the process, both with as many under way. */
export const outbound: Row = {
  name: 'outbound',
  title: 'POST /api/sendText',
  quick: true,
  async measure(bench) {
    const { floor, ours } = await bench.fleet(1);
    const count = bench.options.quick ? 150 : 400;
    const [bare = '', session = ''] = [floor.numbers[0], ours.numbers[0]];
    const chatId = `${contactNumber}@c.us`;
    const rounds: Pair[] = [];
    for (let round = 0; round <= bench.options.rounds; round++) {
      const pair = {
        floor: await floor.send(bare, count, inFlight),
        ours: await barrage(ours.url, {
          ...{ path: '/api/sendText', method: 'POST', headers: ours.headers, requests: count, inFlight },
          body: (index) => JSON.stringify({ session, chatId, text: `bench ${index}` }),
        }),
      };
      if (round > 0) rounds.push(pair);
    }
    return [
      {
        row: 'outbound',
        unit: 'messages/s',
        title: `POST /api/sendText, ${inFlight} in flight; floor: bare sendMessage in ${inFlight} loops`,
        goal: { at: 'least', ratio: 0.8 },
        rounds,
      },
    ];
  },
};
