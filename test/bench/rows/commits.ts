import type { Pair } from '../report/statistics.ts';
import type { Row } from '../row.ts';
import { NodeProcess } from '../sides/process.ts';

const inFlight = 20;

/** Durable events, with twenty under way, against durable rows written one after the other. */
export const commits: Row = {
  name: 'commits',
  title: 'outbox commit',
  quick: true,
  async measure({ package: built, options }) {
    const process = new NodeProcess(built.child('commits'));
    try {
      const rate = (side: 'bare' | 'ours', count: number) =>
        process.call<{ perSecond: number }>(side, { count, inFlight }).then(({ perSecond }) => perSecond);
      const rounds: Pair[] = [];
      for (let round = 0; round <= options.rounds; round++) {
        const pair = { floor: await rate('bare', 300), ours: await rate('ours', 2000) };
        if (round > 0) rounds.push(pair);
      }
      const title = `events committed to the log, ${inFlight} under way; floor: libsql, one durable row after the other`;
      return [{ row: 'commits', unit: 'events/s', title, rounds }];
    } finally {
      await process.stop();
    }
  },
};
