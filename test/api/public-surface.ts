import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { builtPackage, root } from '../support/built-package.ts';

/** Where the report is kept. */
export const reportFile = join(root, 'test/api/public-surface.txt');

/** What a package may import, and the declaration file behind it. */
export const entries = {
  'waha-runtime': 'core/index.d.ts',
  'waha-runtime/engine': 'core/engine.d.ts',
  'waha-runtime/http': 'core/http/index.d.ts',
  'waha-runtime/storage': 'core/storage.d.ts',
  'waha-runtime/plugins': 'plugins/index.d.ts',
  'waha-runtime/testing': 'core/testing/index.d.ts',
  'waha-runtime/testing/conformance': 'core/testing/conformance/index.d.ts',
} as const;

/** What is known of an exported name. */
export interface Exported {
  readonly text: string;
  /** Whether its declaration has a docstring: of a type and a value of one name, one of the two is enough. */
  readonly documented: boolean;
}

/** The names that an entry exports. */
export const exportsOfEntry = async (entry: keyof typeof entries): Promise<Map<string, Exported>> => {
  const folder = join(await builtPackage(), 'dist');
  return exportsOf(join(folder, entries[entry]), folder);
};

/** The names and types that the package exports, as text: one section per entry, sorted by name. */
export const publicSurface = async (): Promise<string> => {
  const sections = (Object.keys(entries) as (keyof typeof entries)[]).map(async (entry) => {
    const found = [...(await exportsOfEntry(entry))].sort(([a], [b]) => (a < b ? -1 : 1));
    return `## ${entry}\n\n${found.map(([, { text }]) => text).join('\n')}\n`;
  });
  return (await Promise.all(sections)).join('\n');
};

/** Every exported name with its declaration; `export … from` is followed. */
const exportsOf = (file: string, folder: string): Map<string, Exported> => {
  const found = new Map<string, Exported>();
  for (const { text, documented } of statementsOf(file)) {
    const all = /^export \* from ['"](.+)['"]/.exec(text);
    const some = /^export (?:type )?\{([^}]*)\} from ['"](.+)['"]/.exec(text);
    const imported = /^export \{([^}]*)\};/.exec(text);
    if (all) for (const [name, it] of exportsOf(target(file, all[1]), folder)) found.set(name, it);
    else if (some) for (const [name, it] of picked(file, some[1], some[2], folder)) found.set(name, it);
    else if (imported)
      for (const name of listed(imported[1])) found.set(name, { text: `export { ${name} };`, documented });
    else for (const name of namesOf(text)) found.set(name, joined(found.get(name), { text, documented }));
  }
  return found;
};

/** A name may be a type and a value at once. */
const joined = (before: Exported | undefined, { text, documented }: Exported): Exported =>
  before === undefined
    ? { text, documented }
    : { text: `${before.text}\n${text}`, documented: before.documented || documented };

const picked = (
  file: string,
  list: string | undefined,
  from: string | undefined,
  folder: string,
): [string, Exported][] => {
  const names = listed(list);
  if (!from?.startsWith('.'))
    return names.map((name) => [name, { text: `export { ${name} } from '${from}';`, documented: true }]);
  const there = exportsOf(target(file, from), folder);
  return names.map((name) => {
    const exported = there.get(name);
    if (!exported) throw new Error(`${relative(folder, file)} exports ${name}, which ${from} does not have`);
    return [name, exported];
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

/** Stands where a docstring stood at the margin. */
const docstring = '@docstring';

/** The statements of a declaration file without comments: each begins at the margin. */
const statementsOf = (file: string): Exported[] => {
  const text = readFileSync(file, 'utf8')
    .replace(/^\/\*\*[\s\S]*?\*\//gm, docstring)
    .replace(/\/\*\*[\s\S]*?\*\//g, '')
    .replace(/^\/\/.*$/gm, '');
  const statements: { text: string; documented: boolean }[] = [];
  let documented = false;
  for (const line of text.split('\n').filter((line) => line.trim() !== '')) {
    const last = statements.at(-1);
    if (line === docstring) documented = true;
    else if (/^[^\s}\])]/.test(line) || !last) {
      statements.push({ text: line, documented });
      documented = false;
    } else last.text += `\n${line}`;
  }
  return statements;
};

const namesOf = (statement: string): string[] => {
  const name = /^export (?:declare )?(?:abstract )?(?:const|let|function|class|interface|type|enum) ([\w$]+)/.exec(
    statement,
  );
  return name?.[1] ? [name[1]] : [];
};
