import { hasPostgres } from '../support/postgres.ts';
import { ClusterWorld } from './cluster-world.ts';
import { RandomCommands } from './commands.ts';
import { randomOf } from './torture.ts';

// `npm run commands:cluster [commands of each session] [deaths] [sessions] [seed]`.
const given = process.argv.slice(2);
if (!hasPostgres || given.length > 4 || given.some((text) => !/^\d+$/.test(text))) {
  console.error('npm run commands:cluster [commands] [deaths] [sessions] [seed]; it needs Debian’s postgresql');
  process.exit(2);
}
const [commands = 60, deaths = 20, sessions = 6, seed = 1] = given.map(Number);
const names = Array.from({ length: sessions }, (_, index) => `p${index}`);
const world = await ClusterWorld.start(3);
try {
  const log = (line: string) => console.log(line);
  const run = new RandomCommands(world, { ...{ commands, deaths, names, log, strict: true }, random: randomOf(seed) });
  await run.run();
  const differences = await run.differences([]);
  console.log(differences.length === 0 ? 'all is as the last commands left it' : differences.join('\n'));
  process.exitCode = differences.length === 0 ? 0 : 1;
} finally {
  await world.close();
}
