import type { Fleet } from '../fleet.ts';
import type { Bench, Figure, Row } from '../row.ts';
import { NodeProcess, type Written } from '../sides/process.ts';
import { burst } from './inbound.ts';

/** With so many under way, what a message may write (KB, and calls): a fifth and a quarter of what SQLite's own log took. */
const loads = [
  { row: 'disk-100', inFlight: 100, messages: 8_000, kilobytes: 7, calls: 4 },
  { row: 'disk-1', inFlight: 1, messages: 4_000, kilobytes: 24, calls: 13 },
] as const;
const bareRows = 300;

/**
 * Bytes and write calls of the databases per inbound message: the same on a busy machine. Each count is over several rounds of
 * the redo log, so that it has its share of what SQLite commits once for thousands of messages.
 */
export const disk: Row = {
  name: 'disk',
  title: 'what an inbound message writes to the disk',
  quick: true,
  async measure(bench) {
    const fleet = await bench.fleet(1);
    const bare = await bareRow(bench);
    const figures: Figure[] = [];
    for (const { row, inFlight, messages, kilobytes, calls } of loads) {
      const ours = await perMessage(fleet, bench.options.quick ? messages / 8 : messages, inFlight);
      const about = `an inbound message, ${inFlight} under way; floor: libsql, one durable row for it`;
      figures.push(
        figure(row, 'KB', `bytes that are written for ${about}`, kilobytes, ours.bytes / 1000, bare.bytes / 1000),
        figure(`${row}-calls`, 'calls', `write calls for ${about}`, calls, ours.calls, bare.calls),
      );
    }
    return figures;
  },
};

const figure = (row: string, unit: string, title: string, limit: number, ours: number, floor: number): Figure => ({
  ...{ row, unit, title, goal: { limit }, rounds: [{ ours, floor }] },
});

const perMessage = async (fleet: Fleet, messages: number, inFlight: number): Promise<Written> => {
  const { process, numbers } = fleet.ours;
  const before = process.written();
  await burst(fleet, process, numbers.slice(0, 1), messages, inFlight);
  return share(before, process.written(), messages);
};

const bareRow = async ({ package: built }: Bench): Promise<Written> => {
  const process = new NodeProcess(built.child('commits'));
  try {
    await process.call('bare', { count: 1, inFlight: 1 });
    const before = process.written({ main: true });
    await process.call('bare', { count: bareRows, inFlight: 1 });
    return share(before, process.written({ main: true }), bareRows);
  } finally {
    await process.stop();
  }
};

const share = (before: Written, after: Written, of: number): Written => ({
  bytes: (after.bytes - before.bytes) / of,
  calls: (after.calls - before.calls) / of,
});
