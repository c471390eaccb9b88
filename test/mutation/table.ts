import type { Mutation } from './mutation.ts';
import { mutations } from './mutations.ts';

/** The promises that `npm run mutate` breaks, one page after the other, as Markdown. */
export const mutationTable = (): string => {
  const pages = [...new Set(mutations.map(({ promise: [page] }) => page))];
  return pages
    .map((page) =>
      pageTable(
        page,
        mutations.filter((one) => one.promise[0] === page),
      ),
    )
    .join('\n\n');
};

const pageTable = (page: string, broken: readonly Mutation[]): string => {
  const promises = [...new Set(broken.map(({ promise: [, words] }) => words))];
  const rows = promises.map((words) =>
    rowOf(
      words,
      broken.filter(({ promise }) => promise[1] === words),
    ),
  );
  return [`### [${page}](${page})`, '', '| promise | changed in | tests |', '| --- | --- | --- |', ...rows].join('\n');
};

const rowOf = (words: string, broken: readonly Mutation[]): string => {
  const places = [...new Set(broken.map(({ file }) => file))].map((file) => {
    const count = broken.filter((one) => one.file === file).length;
    return `\`${file}\`${count > 1 ? ` (${count} places)` : ''}`;
  });
  const tests = [...new Set(broken.flatMap(({ tests }) => tests))].map((test) => `\`${test}\``);
  return `| ${[cell(words), places.join(', '), tests.join(', ')].join(' | ')} |`;
};

const cell = (text: string): string => text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|');
