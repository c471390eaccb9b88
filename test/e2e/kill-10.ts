import { killAgainAndAgain } from './kills.ts';

// `npx tsx test/e2e/kill-10.ts [rounds]`: the full size, by hand.
const rounds = Number(process.argv[2] ?? 10);
const reports = await killAgainAndAgain(rounds, (line) => console.log(line));
const bad = reports.filter(({ wrong, lostCredentials }) => wrong.length + lostCredentials.length > 0);
console.log(`${rounds - bad.length} of ${rounds} kills left nothing wrong`);
process.exitCode = bad.length === 0 ? 0 : 1;
