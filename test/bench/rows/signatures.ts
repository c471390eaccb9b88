import type { Pair } from '../report/statistics.ts';
import type { Row } from '../row.ts';
import { NodeProcess } from '../sides/process.ts';

/** What bounds inbound group messages: one XEdDSA verification each. */
export const signatures: Row = {
  name: 'signatures',
  title: 'signature checks of group messages',
  quick: true,
  async measure({ package: built, options }) {
    const floor = new NodeProcess(built.child('signatures'));
    const ours = new NodeProcess(built.child('signatures'));
    try {
      await ours.call('install');
      const rate = (process: NodeProcess, count: number) =>
        process.call<{ perSecond: number }>('verify', { count }).then(({ perSecond }) => perSecond);
      const rounds: Pair[] = [];
      for (let round = 0; round <= options.rounds; round++) {
        const pair = { floor: await rate(floor, 40), ours: await rate(ours, 2000) };
        if (round > 0) rounds.push(pair);
      }
      return [
        {
          row: 'signatures',
          unit: 'checks/s',
          title: 'signature checks of group messages, 20 senders; floor: libsignal as it is',
          goal: { at: 'least', ratio: 10 },
          rounds,
        },
      ];
    } finally {
      await Promise.all([floor.stop(), ours.stop()]);
    }
  },
};
