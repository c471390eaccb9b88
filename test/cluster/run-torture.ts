import { hasPostgres } from '../support/postgres.ts';
import { tortureCluster } from './torture.ts';

// `npm run torture:cluster [messages] [faults] [seed] [sessions]`: 10,000 messages and 100 faults when nothing is said.
const given = process.argv.slice(2);
if (!hasPostgres || given.length > 4 || given.some((text) => !/^\d+$/.test(text))) {
  console.error('npm run torture:cluster [messages] [faults] [seed] [sessions]; it needs Debian’s postgresql');
  process.exit(2);
}
const [messages = 10_000, faults = 100, seed = 1, sessions = 12] = given.map(Number);
const report = await tortureCluster({
  ...{ messages, faults, seed, sessions, longestStop: 60_000 },
  log: (line) => console.log(line),
});
console.log(JSON.stringify(report, null, 2));
const { lost, doubled, undecryptable, unanswered, twoSockets, missingSeqs, missingCursors, notWorking } = report;
const lists = [lost, doubled, undecryptable, unanswered, twoSockets, missingSeqs, notWorking];
const wrong = lists.reduce((sum, list) => sum + list.length, missingCursors);
console.log(wrong === 0 ? 'nothing is lost, doubled or out of its order' : `${wrong} faults`);
process.exitCode = wrong === 0 ? 0 : 1;
