import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atOnce } from '../fleet.ts';
import { profiling } from '../options.ts';
import type { Pair } from '../report/statistics.ts';
import type { Row } from '../row.ts';
import { Receiver } from '../sides/receiver.ts';
import { Waha, type WahaOptions } from '../sides/waha.ts';

const healthy = 98;
/** Port 1 refuses every connection. */
const dead = 'http://127.0.0.1:1/webhook';
/** More of these come than one endpoint has requests at once, so deliveries pile up before it. */
const slowMs = 5_000;
const everyMs = 100;

/** What a dead and a slow endpoint cost the others: the same runtime with neither is the floor. */
export const endpoints: Row = {
  name: 'endpoints-100',
  title: 'event → delivery at 98 endpoints beside a dead and a slow one',
  quick: false,
  async measure(bench) {
    const receiver = await Receiver.start(bench.package);
    const folder = mkdtempSync(join(tmpdir(), 'waha-bench-endpoints-'));
    const urls = [receiver.url];
    while (urls.length < healthy) urls.push(await receiver.another());
    const common = { sandbox: await bench.sandbox(), atOnce, plugins: [bench.package.child('publisher')] };
    const start = (name: string, more: Partial<WahaOptions>) =>
      Waha.start(bench.package, { ...common, folder: join(folder, name), ...more });
    const floor = await start('healthy', { webhooks: urls });
    const bad = [dead, await receiver.slow(slowMs)];
    const ours = await start('with-bad', { webhooks: [...urls, ...bad], flags: profiling(bench.options) });
    const p99 = async ({ process }: Waha): Promise<number> => {
      await receiver.reset();
      const count = 120;
      await process.call('publish', { count, everyMs });
      const arrived = await receiver.until(count * healthy);
      if (arrived.distinct !== count) throw new Error(`${arrived.distinct} of ${count} events arrived`);
      return arrived.p99;
    };
    const rounds: Pair[] = [];
    try {
      for (let round = 0; round <= bench.options.rounds; round++) {
        // Who goes first changes each round: what one leaves behind must not always burden the other.
        const first = round % 2 === 0 ? await p99(floor) : await p99(ours);
        const second = round % 2 === 0 ? await p99(ours) : await p99(floor);
        const pair = round % 2 === 0 ? { floor: first, ours: second } : { floor: second, ours: first };
        bench.say(`p99: ${pair.floor} ms without, ${pair.ours} ms with a dead and a slow endpoint`);
        // The first one warms up, and the slow endpoint has no backlog yet.
        if (round > 0) rounds.push(pair);
      }
    } finally {
      await Promise.all([floor.stop(), ours.stop(), receiver.stop()]);
      rmSync(folder, { recursive: true, force: true });
    }
    return [
      {
        row: 'endpoints-100',
        unit: 'ms',
        title: `p99 of event → delivery, ${healthy} endpoints beside a dead and a slow one; floor: without the two`,
        goal: { at: 'most', ratio: 1.5 },
        rounds,
      },
    ];
  },
};
