import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Package } from '../package.ts';
import type { Pair } from '../report/statistics.ts';
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
    const rounds: Pair[] = [];
    for (let round = 0; round <= options.rounds; round++) {
      const pair = { floor: await imports(built), ours: await firstPing(built) };
      // The first round fills the page cache.
      if (round > 0) rounds.push(pair);
    }
    return [
      {
        row: 'boot',
        unit: 'ms',
        title: 'process start → first /ping, default config; floor: node importing express, Baileys, libsql',
        goal: { at: 'most', ratio: 2.5 },
        rounds,
      },
    ];
  },
};

const imports = async ({ folder }: Package): Promise<number> => {
  const script = "import 'express'; import '@whiskeysockets/baileys'; import 'libsql';";
  const began = performance.now();
  await run(process.execPath, ['--input-type=module', '-e', script], { cwd: folder });
  return performance.now() - began;
};

/** Starts the runtime, with the default config unless another is named, until `/ping` is answered (ms). */
export const firstPing = async (built: Package, config?: string): Promise<number> => {
  const folder = mkdtempSync(join(tmpdir(), 'waha-bench-boot-'));
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const env = { WHATSAPP_API_PORT: String(port), WAHA_API_KEY: 'bench', WAHA_LOCAL_STORE_BASE_DIR: folder };
  const began = performance.now();
  const waha = new NodeProcess(built.command, ['start', ...(config === undefined ? [] : ['--config', config])], {
    cwd: built.folder,
    env,
  });
  try {
    await answered(`http://127.0.0.1:${port}/ping`, began + 30_000);
    return performance.now() - began;
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
