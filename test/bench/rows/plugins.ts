import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse, stringify } from 'yaml';
import type { Package } from '../package.ts';
import { median, summarise } from '../report/statistics.ts';
import type { Row } from '../row.ts';
import { compareStarts, firstPing, type Start } from './boot.ts';

const run = promisify(execFile);

const count = 50;
/** A boot is short and its noise is long. */
const boots = 3;

/** What fifty plugins that do nothing add to the boot. */
export const plugins: Row = {
  name: `plugins-${count}`,
  title: `process start → first /ping with ${count} more plugins`,
  quick: false,
  async measure(bench) {
    const built = bench.package;
    // Inside the package, so that `waha-runtime` is found as beside an installed one.
    const folder = join(built.folder, `plugins-${count}`);
    const config = writePlugins(built, folder);
    const floor: Start[] = [];
    const ours: Start[] = [];
    const bare: Start[] = [];
    try {
      for (let round = 0; round < 1 + bench.options.rounds * boots; round++) {
        const starts = [await firstPing(built), await firstPing(built, config), await importAll(folder)] as const;
        // The first round fills the page cache.
        if (round > 0) for (const [index, list] of [floor, ours, bare].entries()) list.push(starts[index] as Start);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    const { rounds, cpu } = compareStarts(floor, ours);
    const notes = {
      addedMs: Math.round(summarise(rounds).added),
      addedCpuMs: Math.round(cpu.ours - cpu.floor),
      bareImportMs: Math.round(median(bare.map(({ ms }) => ms))),
      bareImportCpuMs: Math.round(median(bare.map(({ cpuMs }) => cpuMs))),
    };
    bench.say(
      `${count} plugins add ${notes.addedMs} ms (CPU ${notes.addedCpuMs}); Node alone imports them in ` +
        `${notes.bareImportMs} ms (CPU ${notes.bareImportCpuMs})`,
    );
    return [
      {
        row: `plugins-${count}`,
        unit: 'ms',
        title: `process start → first /ping with ${count} plugins by path beside the default config; floor: without them`,
        goal: { adds: 100 },
        rounds,
        cpu,
        notes,
      },
    ];
  },
};

/** Fifty files and the default config with them; resolves with the config's path. */
const writePlugins = (built: Package, folder: string): string => {
  mkdirSync(folder, { recursive: true });
  const names = Array.from({ length: count }, (_, index) => `trivial-${index}`);
  for (const name of names) writeFileSync(join(folder, `${name}.js`), sourceOf(name));
  const standard = parse(readFileSync(join(built.folder, 'waha.config.yaml'), 'utf8')) as { plugins: object[] };
  const more = names.map((name) => ({ use: `./${name}.js`, config: { greeting: name } }));
  const config = join(folder, 'waha.yaml');
  writeFileSync(config, stringify({ ...standard, plugins: [...standard.plugins, ...more] }));
  return config;
};

/** What Node needs for the same files without the runtime: their imports, when the package they import is there already. */
const importAll = async (folder: string): Promise<Start> => {
  const script = `import 'waha-runtime';
import { readdirSync } from 'node:fs';
const files = readdirSync('.').filter((name) => name.endsWith('.js'));
const [began, before] = [performance.now(), process.cpuUsage()];
await Promise.all(files.map((file) => import('file://' + process.cwd() + '/' + file)));
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ ms: performance.now() - began, cpuMs: (user + system) / 1000 }));`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { cwd: folder });
  return JSON.parse(stdout) as Start;
};

const sourceOf = (name: string): string => `import { definePlugin, Type } from 'waha-runtime';
export default definePlugin({
  name: '${name}',
  description: 'Does next to nothing',
  config: Type.Object({
    greeting: Type.String({ minLength: 1, default: 'hello' }),
    times: Type.Integer({ minimum: 0, maximum: 10, default: 1 }),
    loud: Type.Boolean({ default: false }),
  }),
  setup({ config, log }) {
    log.debug(config.greeting);
  },
});
`;
