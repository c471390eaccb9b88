import { median } from '../report/statistics.ts';
import type { Row } from '../row.ts';
import type { NodeProcess } from '../sides/process.ts';
import { type Burst, burst } from './inbound.ts';

/** Messages in a group until their webhooks have arrived. The sandbox signs each in 12 ms, before the clock starts. */
export const group: Row = {
  name: 'group',
  title: 'inbound group message → webhook',
  quick: false,
  async measure(bench) {
    const fleet = await bench.fleet(1);
    const { floor, ours, sandbox } = fleet;
    const one = async (process: NodeProcess, messages: number, phone = ''): Promise<Burst> =>
      burst(fleet, process, [await sandbox.group(phone)], messages);
    const bursts: { floor: Burst; ours: Burst }[] = [];
    for (let round = 0; round <= bench.options.rounds; round++) {
      const pair = {
        floor: await one(floor.process, 150, floor.numbers[0]),
        ours: await one(ours.process, 500, ours.numbers[0]),
      };
      // The first one warms up: V8 has not compiled the path yet.
      if (round > 0) bursts.push(pair);
    }
    const cpuOf = (side: 'floor' | 'ours') => median(bursts.map((pair) => pair[side].cpuMs));
    return [
      {
        row: 'group-1',
        unit: 'messages/s',
        title: 'inbound group → webhook, 1 session; floor: bare Baileys + got',
        goal: { at: 'least', ratio: 10 },
        rounds: bursts.map((pair) => ({ floor: pair.floor.perSecond, ours: pair.ours.perSecond })),
        cpu: { floor: cpuOf('floor'), ours: cpuOf('ours') },
      },
    ];
  },
};
