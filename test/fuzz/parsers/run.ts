import { explore, type Parser } from './explore.ts';
import { parsersFromWhatsApp } from './from-whatsapp.ts';
import { textParsers } from './outside-texts.ts';

// `npm run fuzz:parsers [inputs] [seed] [name]`: 20,000 inputs for each parser when nothing is said.
const [runs = '20000', seed = '1', name] = process.argv.slice(2);
const all: readonly Parser[] = [...textParsers, ...parsersFromWhatsApp];
const chosen = name === undefined ? all : all.filter((parser) => parser.name === name);
if (!/^\d{1,9}$/.test(runs) || !/^\d{1,9}$/.test(seed) || chosen.length === 0) {
  console.error(`npm run fuzz:parsers [inputs] [seed] [${all.map((parser) => parser.name).join(' | ')}]`);
  process.exit(2);
}
let faults = 0;
for (const parser of chosen) {
  const found = await explore(parser, { runs: Number(runs), seed: Number(seed), limitMs: 200 });
  faults += found.faults.length;
  const { kept, covered, slowestMs } = found;
  console.log(
    JSON.stringify({
      parser: parser.name,
      inputs: Number(runs),
      faults: found.faults.length,
      kept,
      covered,
      slowestMs,
    }),
  );
  for (const { told, input } of found.faults)
    console.log(`${told}\n  ${input.length} bytes, base64: ${input.toString('base64').slice(0, 1_500)}`);
}
process.exit(faults === 0 ? 0 : 1);
