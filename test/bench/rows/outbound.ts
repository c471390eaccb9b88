import { median, type Pair } from '../report/statistics.ts';
import type { Row } from '../row.ts';
import { barrage, pause } from '../sides/http.ts';
import type { NodeProcess } from '../sides/process.ts';
import { contactNumber } from '../sides/sandbox.ts';

const inFlight = 8;
/** Receipts of the last messages are still being handled (ms). */
const aftermath = 500;

/** Texts over REST against `sendMessage` called in the process, both with as many under way. */
export const outbound: Row = {
  name: 'outbound',
  title: 'POST /api/sendText',
  quick: true,
  async measure(bench) {
    const { floor, ours } = await bench.fleet(1);
    const count = bench.options.quick ? 150 : 400;
    const [bare = '', session = ''] = [floor.numbers[0], ours.numbers[0]];
    const send = {
      floor: () => floor.send(bare, count, inFlight),
      ours: () =>
        barrage(ours.url, {
          ...{ path: '/api/sendText', method: 'POST', headers: ours.headers, requests: count, inFlight },
          body: (index) => JSON.stringify({ session, chatId: `${contactNumber}@c.us`, text: `bench ${index}` }),
        }),
    };
    const rounds: Pair[] = [];
    const cpu: Pair[] = [];
    for (let round = 0; round <= bench.options.rounds; round++) {
      const bareSide = await timed(floor.process, count, send.floor);
      const ownSide = await timed(ours.process, count, send.ours);
      if (round === 0) continue;
      rounds.push({ floor: bareSide.perSecond, ours: ownSide.perSecond });
      cpu.push({ floor: bareSide.cpuMs, ours: ownSide.cpuMs });
    }
    return [
      {
        row: 'outbound',
        unit: 'messages/s',
        title: `POST /api/sendText, ${inFlight} in flight; floor: bare sendMessage in ${inFlight} loops`,
        goal: { at: 'least', ratio: 0.8 },
        rounds,
        cpu: { floor: median(cpu.map((pair) => pair.floor)), ours: median(cpu.map((pair) => pair.ours)) },
      },
    ];
  },
};

/** The CPU time has what follows from the messages, too: receipts, acks, events. */
const timed = async (process: NodeProcess, count: number, send: () => Promise<number>) => {
  const before = process.cpu();
  const perSecond = await send();
  await pause(aftermath);
  return { perSecond, cpuMs: (process.cpu() - before) / count };
};
