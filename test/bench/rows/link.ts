import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atOnce, numberOf } from '../fleet.ts';
import type { Pair } from '../report/statistics.ts';
import type { Bench, Row } from '../row.ts';
import { BareBaileys } from '../sides/bare-baileys.ts';
import { Waha } from '../sides/waha.ts';

/** How many sessions are linked at a time, on both sides. */
const chunk = 10;

/** How fast new sessions are linked within one process, in turns of ten until there are enough. */
export const link: Row = {
  name: 'link',
  title: 'start and link new sessions',
  quick: false,
  async measure(bench) {
    const { sessions } = bench.options;
    const rounds = await inOneProcess(bench);
    const linked = rounds.length * chunk;
    // A chunk of few sessions is mostly latency.
    if (linked === 0) return [];
    return [
      {
        row: `link-${sessions}`,
        unit: 'sessions/s',
        title: `POST /api/sessions → scan → WORKING, until there are ${sessions}; floor: bare Baileys`,
        rounds,
        ...(linked + chunk <= sessions ? { caveats: [`given up at ${linked} sessions`] } : {}),
      },
    ];
  },
};

const inOneProcess = async (bench: Bench): Promise<Pair[]> => {
  const { sessions, patienceMs } = bench.options;
  const sandbox = await bench.sandbox();
  const folder = mkdtempSync(join(tmpdir(), 'waha-bench-link-'));
  const floor = await BareBaileys.start(bench.package, sandbox, null);
  const ours = await Waha.start(bench.package, { folder, sandbox, atOnce });
  const rounds: Pair[] = [];
  const began = performance.now();
  try {
    for (let from = 0; from + chunk <= sessions && performance.now() - began < patienceMs; from += chunk) {
      const numbers = (prefix: string) => Array.from({ length: chunk }, (_, index) => numberOf(prefix, from + index));
      rounds.push({
        floor: await floor.link(numbers('55810'), atOnce),
        ours: await ours.link(sandbox, numbers('55820'), atOnce),
      });
    }
    return rounds;
  } finally {
    await Promise.all([floor.stop(), ours.stop()]);
    rmSync(folder, { recursive: true, force: true });
  }
};
