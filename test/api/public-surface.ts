import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { builtPackage, root } from '../support/built-package.ts';

/** Where the report is kept. */
export const reportFile = join(root, 'test/api/public-surface.txt');

/** What a package may import, and the declaration file behind it. */
const entries = {
  'waha-runtime': 'core/index.d.ts',
  'waha-runtime/engine': 'core/engine.d.ts',
  'waha-runtime/storage': 'core/storage.d.ts',
  'waha-runtime/plugins': 'plugins/index.d.ts',
  'waha-runtime/testing': 'core/testing/index.d.ts',
  'waha-runtime/testing/conformance': 'core/testing/conformance/index.d.ts',
} as const;

/** The names and types that the package exports, as text: one section per entry, sorted by name. */
export const publicSurface = async (): Promise<string> => {
  const folder = join(await builtPackage(), 'dist');
  return Object.entries(entries)
    .map(([name, file]) => section(name, join(folder, file), folder))
    .join('\n');
};

const section = (name: string, file: string, folder: string): string => {
  const found = [...exportsOf(file, folder)].sort(([a], [b]) => (a < b ? -1 : 1));
  return `## ${name}\n\n${found.map(([, text]) => text).join('\n')}\n`;
};

/** Every exported name with its declaration; `export … from` is followed. */
const exportsOf = (file: string, folder: string): Map<string, string> => {
  const found = new Map<string, string>();
  for (const statement of statementsOf(file)) {
    const all = /^export \* from '(.+)'/.exec(statement) ?? /^export \* from "(.+)"/.exec(statement);
    const some = /^export (?:type )?\{([^}]*)\} from ['"](.+)['"]/.exec(statement);
    const imported = /^export \{([^}]*)\};/.exec(statement);
    if (all) for (const [name, text] of exportsOf(target(file, all[1]), folder)) found.set(name, text);
    else if (some) for (const [name, text] of picked(file, some[1] ?? '', some[2], folder)) found.set(name, text);
    else if (imported) for (const name of listed(imported[1])) found.set(name, `export { ${name} };`);
    else for (const name of namesOf(statement)) found.set(name, joined(found.get(name), statement));
  }
  return found;
};

/** A name may be a type and a value at once. */
const joined = (before: string | undefined, text: string): string =>
  before === undefined ? text : `${before}\n${text}`;

const picked = (file: string, list: string, from: string | undefined, folder: string): [string, string][] => {
  const names = listed(list);
  if (!from?.startsWith('.')) return names.map((name) => [name, `export { ${name} } from '${from}';`]);
  const there = exportsOf(target(file, from), folder);
  return names.map((name) => {
    const text = there.get(name);
    if (text === undefined) throw new Error(`${relative(folder, file)} exports ${name}, which ${from} does not have`);
    return [name, text];
  });
};

/** The names between the braces. */
const listed = (list = ''): string[] =>
  list
    .split(',')
    .map((name) => name.trim().replace(/^type /, ''))
    .filter(Boolean);

const target = (file: string, path = ''): string => {
  const declared = join(dirname(file), path.replace(/\.(?:ts|js)$/, '.d.ts'));
  if (!existsSync(declared)) throw new Error(`there is no ${declared}`);
  return declared;
};

/** The statements of a declaration file without comments: each begins at the margin. */
const statementsOf = (file: string): string[] => {
  const text = readFileSync(file, 'utf8')
    .replace(/\/\*\*[\s\S]*?\*\//g, '')
    .replace(/^\/\/.*$/gm, '');
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const statements: string[] = [];
  for (const line of lines) {
    if (/^[^\s}\])]/.test(line)) statements.push(line);
    else statements.push(`${statements.pop()}\n${line}`);
  }
  return statements;
};

const namesOf = (statement: string): string[] => {
  const name = /^export (?:declare )?(?:abstract )?(?:const|let|function|class|interface|type|enum) ([\w$]+)/.exec(
    statement,
  );
  return name?.[1] ? [name[1]] : [];
};
