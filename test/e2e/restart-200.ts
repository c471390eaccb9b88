import { restartAll } from './restart-all.ts';

// `npx tsx test/e2e/restart-200.ts [healthy]`: the full size, by hand. It takes a few minutes, nearly all of it linking.
const healthy = Number(process.argv[2] ?? 190);
const outcome = await restartAll(healthy, (line) => console.log(line));
console.log(outcome);
const right = outcome.failures.every(({ expected, reason }) => expected === reason);
const passed = outcome.working === healthy && right && outcome.mostSocketsPerSession === 1;
console.log(passed ? `${healthy} are WORKING, ten say why` : 'not as it should be');
process.exitCode = passed ? 0 : 1;
