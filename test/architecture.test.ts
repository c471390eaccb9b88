import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

interface SourceFile {
  /** From the root of the checkout: `core/config/load.ts`. */
  readonly path: string;
  readonly lines: readonly string[];
  /** What its import and export lines name; relative ones as a path from the root. */
  readonly imports: readonly string[];
  /** Those of them that are there when the program runs: all but `import type`. */
  readonly loads: readonly string[];
}

const importPattern = /(?:\bfrom |^import |\bimport\()'([^'\n]+)'/gm;
const typesOnly = /^(?:import|export) type\b[^;]*;/gm;

const namedIn = (text: string, path: string): string[] =>
  [...text.matchAll(importPattern)].map(([, name = '']) => (name.startsWith('.') ? join(dirname(path), name) : name));

const readSource = (file: string): SourceFile => {
  const path = relative(root, file);
  const text = readFileSync(file, 'utf8');
  const loads = namedIn(text.replace(typesOnly, ''), path);
  return { path, lines: text.trimEnd().split('\n'), imports: namedIn(text, path), loads };
};

const sources = (folder: string): SourceFile[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !name.includes('node_modules'))
    .map((name) => readSource(join(root, folder, name)));

const core = sources('core');
const plugins = sources('plugins');
const all = [...core, ...plugins];

const isFile = (name: string): boolean => /\.(?:tsx?|css)$/.test(name);
/** Runs in browsers, bundled: what it imports from npm is built into it. */
const inPage = (path: string): boolean => path.startsWith('plugins/dashboard/ui/');
/** The rooms of the page, each above those before it. */
const pageRooms = ['styles', 'api', 'live', 'parts', 'pages', 'app.tsx', 'main.tsx'];
const roomInPage = (path: string): number => pageRooms.indexOf(path.split('/')[3] ?? '');
const isNode = (name: string): boolean => name.startsWith('node:') || builtinModules.includes(name);
/** `@scope/name/sub` → `@scope/name`. */
const packageOf = (name: string): string => name.split('/', name.startsWith('@') ? 2 : 1).join('/');

/** The file and every file of ours that is loaded with it. */
const loadedWith = (start: string): SourceFile[] => {
  const paths = new Set([start]);
  for (const path of paths) {
    for (const name of all.find((file) => file.path === path)?.loads ?? []) if (isFile(name)) paths.add(name);
  }
  return all.filter(({ path }) => paths.has(path));
};

/** A circle of imports among these files, types included, as `a → b → a`; null when there is none. */
const circleAmong = (files: readonly SourceFile[]): string | null => {
  const left = new Map(files.map(({ path, imports }) => [path, imports]));
  for (let before = -1; before !== left.size; ) {
    before = left.size;
    for (const [path, imports] of left) if (!imports.some((name) => left.has(name))) left.delete(path);
  }
  const trail: string[] = [];
  for (let path = left.keys().next().value; path !== undefined; path = left.get(path)?.find((name) => left.has(name))) {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path].join(' → ');
    trail.push(path);
  }
  return null;
};

/** Every import of these files that the rule refuses, as `file → import`. */
const breaches = (files: readonly SourceFile[], allows: (name: string, file: SourceFile) => boolean): string[] =>
  files.flatMap((file) => file.imports.filter((name) => !allows(name, file)).map((name) => `${file.path} → ${name}`));

/** The part of the house that a file of `core` belongs to. */
const roomOf = (path: string): string => {
  const [, first = '', second] = path.split('/');
  return second === undefined ? first.replace(/\.ts$/, '') : first;
};

const ground = [
  'contracts',
  'errors',
  'tokens',
  'callers',
  'deadline',
  'in-turns',
  'instant',
  'histogram',
  'circuit-breaker',
  'backoff',
  'serial-queue',
  'log',
  'version',
  'container',
  'stray-errors',
  'trace',
  'temporary-folders',
];
const rooms = ['config', 'events', 'network', 'stores'];
/** Who may import whom; a room may always import itself. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  contracts: [],
  errors: ['contracts'],
  tokens: ['contracts'],
  callers: ['contracts', 'errors'],
  config: [...ground, 'network'],
  events: [...ground, 'config'],
  network: ground,
  stores: [...ground, 'config'],
  host: [...ground, 'config'],
  http: [...ground, 'config'],
  health: ground,
  metrics: [...ground, 'events', 'stores', 'session'],
  session: [...ground, ...rooms],
  services: [...ground, ...rooms, 'host', 'session'],
  runtime: [...ground, ...rooms, 'host', 'health', 'metrics', 'services', 'session'],
  testing: [...ground, ...rooms, 'http', 'host', 'health', 'metrics', 'session', 'runtime'],
  cli: [...ground, ...rooms, 'host', 'session', 'runtime', 'testing'],
  index: [...ground, ...rooms],
  engine: ground,
  storage: [...ground, 'stores'],
};

/** The part of a plugin that a file belongs to: a folder, or a file at the top. */
const roomInPlugin = (path: string): string => roomOf(path.slice('plugins/'.length));

/**
 * The rooms of a big plugin, from the ground up. A room imports what is below it and itself; rooms of one floor do not
 * know each other. `*` is every room that has no place of its own, such as the folder of a tag.
 */
const floors: Readonly<Record<string, readonly (readonly string[])[]>> = {
  baileys: [
    ['config', 'deferred', 'json-safe', 'recent'],
    ['messages', 'libsignal'],
    ['credentials'],
    ['socket'],
    ['repairs', 'media', 'identity'],
    ['store'],
    ['inbound', 'moving'],
    ['client'],
    ['linking'],
    ['connection'],
    ['engine'],
    ['lazy-engine', 'make-engine'],
    ['index'],
  ],
  // What is known of messages, how texts read, the server, the two ways, the app.
  chatwoot: [
    ['config', 'message-map'],
    ['texts', 'server'],
    ['media-files'],
    ['outward'],
    ['inward'],
    ['services'],
    ['chatwoot-app'],
    ['webhook'],
    ['index'],
  ],
  webhook: [['endpoints'], ['delivery-log'], ['request'], ['queue'], ['config', 'metrics', 'routes'], ['index']],
  'waha-api': [['schemas'], ['files'], ['sending'], ['*'], ['tags'], ['index']],
  // The wire, what exists on the server, how it is delivered, what WhatsApp does, who does it, who answers.
  sandbox: [
    ['state', 'wire'],
    ['files', 'signal'],
    ['app-state'],
    ['world'],
    ['delivery'],
    ['*'],
    ['people'],
    ['directory'],
    ['restore', 'stanzas'],
    ['server'],
    ['servers'],
    ['sandbox'],
    ['control'],
    ['standalone'],
    ['index'],
  ],
};

const floorOf = (plugin: string, room: string): number => {
  const named = floors[plugin]?.findIndex((names) => names.includes(room)) ?? -1;
  return named >= 0 ? named : (floors[plugin]?.findIndex((names) => names.includes('*')) ?? -1);
};

/** Packages that only some files may know. */
const homes: Readonly<Record<string, (path: string) => boolean>> = {
  express: (path) => path.startsWith('plugins/express/'),
  '@whiskeysockets/baileys': (path) => /^plugins\/(baileys|sandbox)\//.test(path),
  libsignal: (path) => /^plugins\/(baileys|sandbox)\//.test(path),
  lowdb: (path) => path.startsWith('plugins/lowdb/'),
  tsyringe: (path) => path === 'core/container.ts' || path.startsWith('core/host/'),
  xstate: (path) => path.startsWith('core/session/'),
  yaml: (path) => path.startsWith('core/config/'),
  ajv: (path) => path === 'core/config/validate.ts',
  commander: (path) => path === 'core/cli.ts' || /^core\/cli\/(?:commands|completion)\.ts$/.test(path),
};

describe('who imports whom', () => {
  it('finds the import lines', () => {
    expect(all.length).toBeGreaterThan(50);
    expect(readSource(join(root, 'core/cli.ts')).imports).toEqual(
      expect.arrayContaining(['commander', 'core/cli/failure.ts', 'core/cli/start.ts', 'plugins/index.ts']),
    );
  });

  it('contracts import nothing outside themselves', () => {
    const contracts = core.filter(({ path }) => roomOf(path) === 'contracts');
    expect(
      breaches(contracts, (name) => name === 'typebox' || isNode(name) || name.startsWith('core/contracts/')),
    ).toEqual([]);
  });

  it('a room of core imports only what is below it', () => {
    const allowed = (name: string, { path }: SourceFile): boolean => {
      if (!isFile(name) || name.startsWith('plugins/')) return true;
      const [from, to] = [roomOf(path), roomOf(name)];
      return from === to || (mayImport[from] ?? ground).includes(to);
    };
    expect(breaches(core, allowed)).toEqual([]);
  });

  it('core does not know the plugins: only cli.ts fetches their table', () => {
    expect(breaches(core, (name) => !name.startsWith('plugins/'))).toEqual(['core/cli.ts → plugins/index.ts']);
  });

  it('a plugin imports waha-runtime, npm packages and its own folder: no other plugin and no private door', () => {
    const allowed = (name: string, { path }: SourceFile): boolean => {
      if (path === 'plugins/index.ts') return /^plugins\/[a-z0-9-]+\/index\.ts$/.test(name);
      if (isFile(name)) return name.startsWith(`${path.split('/').slice(0, 2).join('/')}/`);
      return isNode(name) || !name.startsWith('waha-runtime/') || /^waha-runtime\/(?:engine|http|storage)$/.test(name);
    };
    expect(breaches(plugins, allowed)).toEqual([]);
  });

  it.each(Object.keys(floors))('a room of %s imports only what is below it', (plugin) => {
    const files = plugins.filter(({ path }) => path.startsWith(`plugins/${plugin}/`));
    const allowed = (name: string, { path }: SourceFile): boolean => {
      if (!isFile(name)) return true;
      const [from, to] = [roomInPlugin(path), roomInPlugin(name)];
      return from === to || floorOf(plugin, to) < floorOf(plugin, from);
    };
    expect(files.filter(({ path }) => floorOf(plugin, roomInPlugin(path)) < 0).map(({ path }) => path)).toEqual([]);
    expect(breaches(files, allowed)).toEqual([]);
  });

  it('a room of the dashboard imports only what is below it, and nothing that needs a server', () => {
    const files = plugins.filter(({ path }) => inPage(path));
    expect(files.filter(({ path }) => roomInPage(path) < 0).map(({ path }) => path)).toEqual([]);
    const allowed = (name: string, { path }: SourceFile): boolean => {
      if (!isFile(name)) return !isNode(name) && !name.startsWith('waha-runtime');
      const [from, to] = [roomInPage(path), roomInPage(name)];
      return from === to || (to >= 0 && to < from);
    };
    expect(breaches(files, allowed)).toEqual([]);
  });

  it('no files import each other in a circle', () => {
    expect(circleAmong(all)).toBeNull();
  });

  it.each(Object.keys(homes))('%s is known in its own place only', (name) => {
    expect(breaches(all, (imported, { path }) => packageOf(imported) !== name || homes[name]?.(path) === true)).toEqual(
      [],
    );
  });

  it("the database's thread loads its own few files and libsql, and nothing of the runtime", () => {
    const files = loadedWith('plugins/sqlite/thread.ts');
    expect(files.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        'plugins/sqlite/thread.ts',
        'plugins/sqlite/open-file.ts',
        'plugins/sqlite/connection.ts',
      ]),
    );
    const named = files.flatMap(({ path, loads }) => loads.map((name) => ({ path, name })));
    const allowed = (name: string) =>
      isNode(name) || name === 'libsql' || (isFile(name) && name.startsWith('plugins/sqlite/'));
    expect(named.filter(({ name }) => !allowed(name)).map(({ path, name }) => `${path} → ${name}`)).toEqual([]);
  });

  it('every package that is imported is a dependency', () => {
    const { dependencies, peerDependencies, devDependencies } = JSON.parse(
      readFileSync(join(root, 'package.json'), 'utf8'),
    ) as Record<'dependencies' | 'peerDependencies' | 'devDependencies', Record<string, string>>;
    // Baileys' own copy, so that both sides of the sandbox's wire agree.
    const known = new Set([...Object.keys({ ...dependencies, ...peerDependencies }), 'waha-runtime', 'libsignal']);
    const offered = (name: string, { path }: SourceFile): boolean =>
      known.has(packageOf(name)) ||
      (name === 'vitest' && path.startsWith('core/testing/')) ||
      // Runs in checkouts only, where there is nothing built.
      (name === 'esbuild' && path === 'plugins/sqlite/thread-from-sources.ts') ||
      (name === 'vite' && path === 'plugins/dashboard/write-page.ts') ||
      (inPage(path) && packageOf(name) in devDependencies);
    expect(breaches(all, (name, file) => isFile(name) || isNode(name) || offered(name, file))).toEqual([]);
  });
});

/**
 * `file:line (n lines)` of every function over the limit: with a body, or with a list, an object or an expression in its
 * place. The formatter's indentation shows where one ends.
 */
const longFunctions = ({ path, lines }: SourceFile, limit: number): string[] =>
  lines.flatMap((line, start) => {
    const opens =
      /(?:=>|\)|\)\s*:\s*[^=;]+) \{$|=> (?:\[|\(\{?|[^ ].*[([{])$|=>$/.test(line) &&
      !/^\s*(?:if|for|while|switch|\} ?else|\}? ?catch)\b/.test(line);
    if (!opens) return [];
    const indent = /^\s*/.exec(line)?.[0] ?? '';
    const ends = (other: string) =>
      other.length > indent.length && other.startsWith(indent) && other[indent.length] !== ' ';
    const end = lines.findIndex((other, index) => index > start && (ends(other) || other === ''));
    const length = end - start + 1;
    return end >= 0 && length > limit ? [`${path}:${start + 1} (${length} lines)`] : [];
  });

describe('sizes', () => {
  it('no hand-written file is longer than 300 lines', () => {
    expect(all.filter(({ lines }) => lines.length > 300).map(({ path, lines }) => `${path}: ${lines.length}`)).toEqual(
      [],
    );
  });

  it('no function is longer than 40 lines; suites may be', () => {
    const files = all.filter(({ path }) => !path.startsWith('core/testing/'));
    expect(files.flatMap((file) => longFunctions(file, 40))).toEqual([]);
  });
});

describe('names', () => {
  it('files are kebab-case and named for what happens', () => {
    const odd = /(?:^|\/)(?:utils?|helpers?|service|types|common|misc)\.tsx?$/;
    expect(all.map(({ path }) => path).filter((path) => odd.test(path) || !/^[a-z0-9/-]+\.tsx?$/.test(path))).toEqual(
      [],
    );
  });
});
