import { torture } from './torture.ts';

/** The worlds of the sandbox (docs/sandbox.md, "Hidden ids"). */
const worlds = {
  lid: { addressing: 'lid' },
  pn: { addressing: 'pn' },
  none: { addressing: 'none' },
  silent: { addressing: 'lid', userSync: 'silent' },
} as const;

// `npm run torture [messages] [kills] [seed] [world]`: 10,000 messages and 100 kills among hidden ids when nothing is said.
const given = process.argv.slice(2);
const isWorld = (text: string | undefined): text is keyof typeof worlds => text !== undefined && text in worlds;
const world = isWorld(given.at(-1)) ? (given.pop() as keyof typeof worlds) : 'lid';
const wrong = given.find((text) => !/^\d+$/.test(text));
if (wrong !== undefined || given.length > 3) {
  const usage = `npm run torture [messages] [kills] [seed] [${Object.keys(worlds).join('|')}]`;
  console.error(`'${wrong ?? given[3]}' is not expected: ${usage}`);
  process.exit(2);
}
const [messages = 10_000, kills = 100, seed = 1] = given.map(Number);
const report = await torture({ messages, kills, seed, world: worlds[world], log: (line) => console.log(line) });
console.log(JSON.stringify(report, null, 2));
const { lost, doubled, changed, sharedSeqs, missingSeqs } = report;
const faults = lost.length + doubled.length + changed.length + sharedSeqs.length + missingSeqs.length;
console.log(faults === 0 ? 'nothing is lost, doubled or out of its order' : `${faults} faults`);
process.exitCode = faults === 0 ? 0 : 1;
