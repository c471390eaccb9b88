import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Package } from '../package.ts';
import { median, type Pair } from '../report/statistics.ts';
import type { Row } from '../row.ts';
import { pause } from '../sides/http.ts';
import { NodeProcess } from '../sides/process.ts';

const run = promisify(execFile);

/** From the start of the process to the first `/ping` that is answered, with the default config. */
export const boot: Row = {
  name: 'boot',
  title: 'process start → first /ping',
  quick: true,
  async measure({ package: built, options }) {
    const floor: Start[] = [];
    const ours: Start[] = [];
    for (let round = 0; round <= options.rounds; round++) {
      const [bare, whole] = [await imports(built), await firstPing(built)];
      // The first round fills the page cache.
      if (round === 0) continue;
      floor.push(bare);
      ours.push(whole);
    }
    return [
      {
        row: 'boot',
        unit: 'ms',
        title: 'process start → first /ping, default config; floor: node importing express, Baileys, libsql',
        goal: { at: 'most', ratio: 2.5 },
        ...compareStarts(floor, ours),
      },
    ];
  },
};

/** How long a process took to get there. */
export interface Start {
  readonly ms: number;
  readonly cpuMs: number;
}

/** Rounds in turns, and the median of the CPU time, which other processes on the machine disturb least. */
export const compareStarts = (floor: readonly Start[], ours: readonly Start[]): { rounds: Pair[]; cpu: Pair } => ({
  rounds: ours.map(({ ms }, round) => ({ ours: ms, floor: floor[round]?.ms ?? Number.NaN })),
  cpu: { ours: median(ours.map(({ cpuMs }) => cpuMs)), floor: median(floor.map(({ cpuMs }) => cpuMs)) },
});

const imports = async ({ folder }: Package): Promise<Start> => {
  const script = `import 'express'; import '@whiskeysockets/baileys'; import 'libsql';
const { user, system } = process.cpuUsage(); console.log((user + system) / 1000);`;
  const began = performance.now();
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { cwd: folder });
  return { ms: performance.now() - began, cpuMs: Number(stdout) };
};

/** Starts the runtime, with the default config unless another is named, until `/ping` is answered. */
export const firstPing = async (built: Package, config?: string): Promise<Start> => {
  const folder = mkdtempSync(join(tmpdir(), 'waha-bench-boot-'));
  // Below the ports that the system gives to connections of its own.
  const port = 20_000 + Math.floor(Math.random() * 12_000);
  const env = { WHATSAPP_API_PORT: String(port), WAHA_API_KEY: 'bench', WAHA_LOCAL_STORE_BASE_DIR: folder };
  const began = performance.now();
  const waha = new NodeProcess(built.command, ['start', ...(config === undefined ? [] : ['--config', config])], {
    cwd: built.folder,
    env,
  });
  try {
    await answered(`http://127.0.0.1:${port}/ping`, began + 30_000);
    return { ms: performance.now() - began, cpuMs: waha.cpu() };
  } catch (error) {
    throw new Error(`${error}\n${waha.output}`);
  } finally {
    await waha.stop();
    rmSync(folder, { recursive: true, force: true });
  }
};

const answered = async (url: string, until: number): Promise<void> => {
  while (performance.now() < until) {
    const ok = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) return;
    await pause(5);
  }
  throw new Error('no /ping was answered within 30 s');
};
