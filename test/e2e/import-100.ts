import { mkdirSync, readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { importSessions } from '../../core/cli/remote/import-sessions.ts';
import { Server } from '../../core/cli/remote/server.ts';
import { builtins } from '../../plugins/index.ts';
import { apiKey, temporaryFolder } from '../support/deployment.ts';
import { StockBaileys } from '../support/stock-baileys.ts';
import { World } from '../support/world.ts';

// `npx tsx test/e2e/import-100.ts [count]`: accounts that stock Baileys has linked, in folders as WAHA has them, are taken over by a
// running server. By hand: it takes some minutes, nearly all of it linking.
const count = Number(process.argv[2] ?? 100);
const world = await World.start();
const folder = temporaryFolder();
const names = Array.from({ length: count }, (_, index) => `shop-${index + 1}`);
const place = (name: string): string => join(folder.path, '.sessions/noweb', name);

// libsignal prints sessions.
const print = console.log;
for (const level of ['info', 'warn'] as const) console[level] = () => undefined;

for (const [index, name] of names.entries()) {
  mkdirSync(place(name), { recursive: true });
  const bot = new StockBaileys(world.sandbox, place(name));
  await bot.link(String(4_915_300_000_001 + index));
  await bot.stop();
  const then = new Date(Date.now() - 3_600_000);
  for (const file of readdirSync(place(name))) utimesSync(join(place(name), file), then, then);
  if ((index + 1) % 10 === 0) print(`${index + 1} are linked`);
}

const began = performance.now();
const server = new Server({ url: world.api.url, apiKey });
const code = await importSessions({ server, builtins, place: join(folder.path, '.sessions') });
const imported = performance.now();
await Promise.all(names.map((name) => world.hooks.status(name, 'WORKING', 0, 600_000)));
const working = performance.now();
const codes = names.filter((name) => world.hooks.statuses(name).includes('SCAN_QR_CODE'));
print(`imported in ${Math.round(imported - began)} ms, all WORKING ${Math.round(working - imported)} ms later`);
print(
  codes.length === 0 && code === 0 ? `${count} are WORKING, none has shown a code` : `not as it should be: ${codes}`,
);
await world.close();
folder.remove();
process.exit(codes.length === 0 && code === 0 ? 0 : 1);
