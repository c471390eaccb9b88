import { torture } from './torture.ts';

// `npm run torture [messages] [kills] [seed]`: 10,000 messages and 100 kills when nothing is said.
const given = process.argv.slice(2);
const wrong = given.find((text) => !/^\d+$/.test(text));
if (wrong !== undefined || given.length > 3) {
  console.error(`'${wrong ?? given[3]}' is not expected: npm run torture [messages] [kills] [seed]`);
  process.exit(2);
}
const [messages = 10_000, kills = 100, seed = 1] = given.map(Number);
const report = await torture({ messages, kills, seed, log: (line) => console.log(line) });
console.log(JSON.stringify(report, null, 2));
const { lost, doubled, changed, sharedSeqs, missingSeqs } = report;
const faults = lost.length + doubled.length + changed.length + sharedSeqs.length + missingSeqs.length;
console.log(faults === 0 ? 'nothing is lost, doubled or out of its order' : `${faults} faults`);
process.exitCode = faults === 0 ? 0 : 1;
