import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atOnce } from '../fleet.ts';
import { profiling } from '../options.ts';
import type { Bench, Row } from '../row.ts';
import { Receiver } from '../sides/receiver.ts';
import type { Sandbox } from '../sides/sandbox.ts';
import { Waha, type WahaOptions } from '../sides/waha.ts';
import { compareBursts, Targets } from './inbound.ts';

/** What the durable event log and outbox cost: the same runtime with both in memory is the floor. */
export const outbox: Row = {
  name: 'outbox',
  title: 'inbound 1:1 message → webhook, through a durable outbox',
  quick: true,
  async measure(bench) {
    const sandbox = await bench.sandbox();
    const receiver = await Receiver.start(bench.package);
    const folder = mkdtempSync(join(tmpdir(), 'waha-bench-outbox-'));
    const common = { sandbox, webhook: receiver.url, atOnce };
    const start = (name: string, more: Partial<WahaOptions>) =>
      Waha.start(bench.package, { ...common, folder: join(folder, name), ...more });
    const memory = { outbox: 'memory', plugins: [bench.package.child('memory-database')] };
    const floor = await start('memory', memory);
    const ours = await start('durable', { flags: profiling(bench.options) });
    try {
      await floor.link(sandbox, ['55330000000'], atOnce);
      await ours.link(sandbox, ['55330000001'], atOnce);
      return await compare(bench, { sandbox, receiver }, floor, ours);
    } finally {
      await Promise.all([floor.stop(), ours.stop(), receiver.stop()]);
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

const compare = async (
  bench: Bench,
  places: { readonly sandbox: Sandbox; readonly receiver: Receiver },
  floor: Waha,
  ours: Waha,
) => {
  const { pairs, cpu } = await compareBursts(bench, places, {
    floor: new Targets(floor.process, floor.numbers),
    ours: new Targets(ours.process, ours.numbers),
  });
  return [
    {
      row: 'outbox',
      unit: 'messages/s',
      title: 'inbound 1:1 → webhook, 1 session; floor: the same runtime with event log and outbox in memory',
      goal: { at: 'least', ratio: 0.7 } as const,
      rounds: pairs,
      cpu,
    },
  ];
};
