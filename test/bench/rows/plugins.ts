import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Package } from '../package.ts';
import { type Pair, summarise } from '../report/statistics.ts';
import type { Row } from '../row.ts';
import { firstPing } from './boot.ts';

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
    const rounds: Pair[] = [];
    try {
      for (let round = 0; round < 1 + bench.options.rounds * boots; round++) {
        const pair = { floor: await firstPing(built), ours: await firstPing(built, config) };
        // The first round fills the page cache.
        if (round > 0) rounds.push(pair);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    const addedMs = Math.round(summarise(rounds).added);
    bench.say(`${count} plugins add ${addedMs} ms`);
    return [
      {
        row: `plugins-${count}`,
        unit: 'ms',
        title: `process start → first /ping with ${count} plugins by path beside the default config; floor: without them`,
        goal: { adds: 100 },
        rounds,
        notes: { addedMs },
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
