import type { Pair } from '../report/statistics.ts';
import type { Row } from '../row.ts';
import type { NodeProcess } from '../sides/process.ts';
import { burst } from './inbound.ts';

/** Messages in a group until their webhooks have arrived. The sandbox signs each, so there are few of them. */
export const group: Row = {
  name: 'group',
  title: 'inbound group message → webhook',
  quick: false,
  async measure(bench) {
    const fleet = await bench.fleet(1);
    const { floor, ours, sandbox } = fleet;
    // A group of its own for each burst: Baileys' sender skips every second key, and its reader keeps all that were skipped.
    const one = async (process: NodeProcess, phone = ''): Promise<number> =>
      (await burst(fleet, process, [await sandbox.group(phone)], 200)).perSecond;
    const rounds: Pair[] = [];
    for (let round = 0; round <= bench.options.rounds; round++) {
      const pair = {
        floor: await one(floor.process, floor.numbers[0]),
        ours: await one(ours.process, ours.numbers[0]),
      };
      if (round > 0) rounds.push(pair);
    }
    return [
      {
        row: 'group-1',
        unit: 'messages/s',
        title: 'inbound group → webhook, 1 session; floor: bare Baileys + got',
        goal: { at: 'least', ratio: 10 },
        rounds,
      },
    ];
  },
};
