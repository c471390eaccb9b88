import { existsSync, type FSWatcher, statSync, watch } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** How long after a change more of them are awaited: editors write a file in several steps (ms). */
const calm = 150;

export interface Watched {
  readonly name: string;
  /** The plugin's folder, or its one file. */
  readonly path: string;
  /** Of a file: what stands beside it does not matter. */
  readonly alone?: boolean;
}

/** Calls `changed` with the names of the plugins whose files changed. Returns the way to stop. */
export const watchPlugins = (
  plugins: readonly Watched[],
  changed: (names: readonly string[]) => void,
): (() => void) => {
  const pending = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const note = (name: string): void => {
    pending.add(name);
    clearTimeout(timer);
    timer = setTimeout(() => {
      const names = [...pending];
      pending.clear();
      changed(names);
    }, calm);
  };
  const watchers = plugins
    .filter(({ path }) => existsSync(path))
    .map((plugin) => watchOne(plugin, () => note(plugin.name)));
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
};

const watchOne = ({ path, alone }: Watched, note: () => void): FSWatcher => {
  const isFolder = statSync(path).isDirectory();
  // The folder of a file, too: what it imports stands beside it, and editors replace files instead of writing them.
  const folder = isFolder ? path : dirname(path);
  return watch(folder, { recursive: isFolder }, (_, file) => {
    if (file === null) return;
    const changed = resolve(folder, file);
    if (alone ? changed === path : isSource(changed)) note();
  });
};

const isSource = (file: string): boolean =>
  /\.(?:[cm]?[jt]s|json)$/.test(file) && !/[\\/](?:node_modules|\.git|test)[\\/]/.test(file);
