import { fuzz } from './fuzz.ts';

// `npm run fuzz [requests] [seed]`: 2,000 requests when nothing is said.
const given = process.argv.slice(2);
const wrong = given.find((text) => !/^\d{1,9}$/.test(text));
if (wrong !== undefined || given.length > 2) {
  console.error(`'${wrong ?? given[2]}' is not expected: npm run fuzz [requests] [seed]`);
  process.exit(2);
}
const [count = 2_000, seed = 1] = given.map(Number);
const { findings, ...figures } = await fuzz({
  count,
  seed,
  pingLimitMs: 500,
  blockLimitMs: 200,
  progress: (sent, memoryMb) => console.error(`${sent} of ${count}: ${memoryMb} MB`),
  tell: ({ kind, at, told, request, again }) =>
    console.log(`${kind} at ${at}${again ? '' : ' (not when sent alone)'}: ${told}\n  ${request}`),
});
console.log(JSON.stringify({ seed, findings: findings.length, ...figures }));
process.exit(findings.length === 0 ? 0 : 1);
