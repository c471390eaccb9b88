import type { Row } from '../row.ts';
import { compareBursts, Targets } from './inbound.ts';

/** Messages in a group until their webhooks have arrived. */
export const group: Row = {
  name: 'group',
  title: 'inbound group message → webhook',
  quick: false,
  async measure(bench) {
    const fleet = await bench.fleet(1);
    const { floor, ours, sandbox } = fleet;
    const groupOf = async (numbers: readonly string[]) => [await sandbox.group(numbers[0] ?? '')];
    const { pairs, cpu } = await compareBursts(bench, fleet, {
      floor: new Targets(floor.process, await groupOf(floor.numbers)),
      ours: new Targets(ours.process, await groupOf(ours.numbers)),
    });
    return [
      {
        row: 'group-1',
        unit: 'messages/s',
        title: 'inbound group → webhook, 1 session; floor: bare Baileys + undici',
        goal: { at: 'least', ratio: 10 },
        rounds: pairs,
        cpu,
      },
    ];
  },
};
