import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { atOnce } from '../fleet.ts';
import { type Line, lineThrough } from '../report/statistics.ts';
import type { Bench, Figure, Row } from '../row.ts';
import { BareBaileys } from '../sides/bare-baileys.ts';
import type { NodeProcess } from '../sides/process.ts';
import { Receiver } from '../sides/receiver.ts';
import { Waha } from '../sides/waha.ts';
import { burst } from './inbound.ts';

const perBurst = 1_200;
const bursts = 10;
/** Caches fill up first, and V8 compiles: the greatest cache holds 10,000 ids, of which a message takes two. */
const warmUp = 12_000;

/** A soak in miniature: a fixed number of messages, and what of each stays on the heap. */
export const soak: Row = {
  name: 'soak',
  title: 'what stays on the heap of every message',
  quick: false,
  async measure(bench) {
    const sandbox = await bench.sandbox();
    const receiver = await Receiver.start(bench.package);
    const folder = mkdtempSync(join(tmpdir(), 'waha-bench-soak-'));
    const meter = pathToFileURL(bench.package.child('heap-meter')).href;
    const flags = ['--expose-gc', '--import', meter];
    const bare = await BareBaileys.start(bench.package, sandbox, receiver.url);
    const waha = await Waha.start(bench.package, { folder, sandbox, webhook: receiver.url, atOnce, flags });
    try {
      await bare.link(['55770000000'], 1);
      await waha.link(sandbox, ['55770000001'], 1);
      const slope = (process: NodeProcess, numbers: readonly string[]) =>
        growth((messages) => burst({ sandbox, receiver }, process, numbers, messages), process);
      const floor = await slope(bare.process, bare.numbers);
      const ours = await slope(waha.process, waha.numbers);
      return [figure(bench, floor, ours)];
    } finally {
      await Promise.all([bare.stop(), waha.stop(), receiver.stop()]);
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** The line through what is alive on the heap after so many messages. */
const growth = async (send: (messages: number) => Promise<unknown>, process: NodeProcess): Promise<Line> => {
  for (let sent = 0; sent < warmUp; sent += perBurst * 2) await send(perBurst * 2);
  const points = [{ x: 0, y: await process.call<number>('heap') }];
  for (let round = 1; round <= bursts; round++) {
    await send(perBurst);
    points.push({ x: round * perBurst, y: await process.call<number>('heap') });
  }
  return lineThrough(points);
};

const figure = (bench: Bench, floor: Line, ours: Line): Figure => {
  const said = ({ slope, error }: Line) => `${slope.toFixed(1)} ± ${error.toFixed(1)} bytes a message`;
  bench.say(`the heap grows by ${said(ours)}, bare Baileys' by ${said(floor)}`);
  return {
    row: 'soak',
    unit: 'bytes/message',
    title: `growth of the heap over ${bursts * perBurst} messages, after ${warmUp}; floor: bare Baileys`,
    // No more than bare Baileys, whose heap grows by what V8 compiles, beyond two standard errors of the difference.
    goal: { adds: Math.round(20 * Math.hypot(ours.error, floor.error)) / 10 },
    rounds: [{ floor: floor.slope, ours: ours.slope }],
    notes: { standardError: ours.error, standardErrorFloor: floor.error },
  };
};
