import { DataFolders, type Start, trialsOf } from './corrupt.ts';

// `npm run corrupt [starts] [seed]`: 500 starts when nothing is said.
const given = process.argv.slice(2);
const wrong = given.find((text) => !/^\d+$/.test(text));
if (wrong !== undefined || given.length > 2) {
  console.error(`'${wrong ?? given[2]}' is not expected: npm run corrupt [starts] [seed]`);
  process.exit(2);
}
const [count = 500, seed = 1] = given.map(Number);
const folders = await DataFolders.make();
const outcomes: Record<Start['outcome'], number> = { whole: 0, told: 0, refused: 0, wrong: 0 };
for (const [index, trial] of trialsOf(folders, count, seed).entries()) {
  const start = await folders.try(trial);
  outcomes[start.outcome] += 1;
  console.log(`${index + 1} ${start.outcome} ${start.what} → ${start.said}`);
}
await folders.close();
console.log(JSON.stringify(outcomes));
process.exit(outcomes.wrong === 0 ? 0 : 1);
