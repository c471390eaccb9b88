import { MutatedCopy } from './mutated-copy.ts';
import { mutations } from './mutations.ts';

// `npm run mutate [words…]`: every mutation whose file or promise has one of the words; all of them without words.
const words = process.argv.slice(2);
const chosen = mutations.filter(
  ({ file, promise }) => words.length === 0 || words.some((word) => `${file} ${promise.join(' ')}`.includes(word)),
);
if (chosen.length === 0) {
  console.error(`no mutation has '${words.join("' or '")}' in its file or promise`);
  process.exit(2);
}
const copy = new MutatedCopy();
process.once('exit', () => copy.remove());
process.once('SIGINT', () => process.exit(130));
const failing = await copy.unchanged([...new Set(chosen.flatMap(({ tests }) => tests))]);
if (failing.length > 0) {
  console.error(`the tests do not pass without any mutation:\n  ${failing.join('\n  ')}`);
  process.exit(1);
}
const counts = { caught: 0, survived: 0, broken: 0 };
for (const [index, mutation] of chosen.entries()) {
  const outcome = await copy.try(mutation);
  counts[outcome] += 1;
  const { file, text, promise } = mutation;
  console.log(`${index + 1}/${chosen.length} ${outcome}: ${file}: ${text.split('\n')[0]}\n    ${promise.join(': ')}`);
}
console.log(JSON.stringify(counts));
process.exit(counts.caught === chosen.length ? 0 : 1);
