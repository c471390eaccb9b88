import { isAbsolute, join } from 'node:path';
import {
  type Contribution,
  configInvalid,
  definePlugin,
  type Ownership,
  type PluginContext,
  Points,
  sentence,
  Tokens,
} from 'waha-runtime';
import type { FileStorage } from 'waha-runtime/storage';
import { FilesConfig } from './config.ts';
import { FileCache } from './file-cache.ts';
import { fileEventSink } from './file-event-sink.ts';
import { FileIndex } from './file-index.ts';
import { FolderStorage } from './folder-storage.ts';
import { Counters, filesMetrics } from './metrics.ts';
import { Receiving } from './receiving.ts';
import { filesGroup } from './serving.ts';

/** How often what has outlived itself is looked for, at most (ms). */
const LONGEST_SWEEP_MS = 30_000;
/** How often a process of a cluster counts the files of all (ms), and how old strangers are there before they go. */
const RECOUNT_MS = 300_000;
const STRANGERS_MS = 3_600_000;

/** Keeps the files of messages for a while, and serves them. */
export default definePlugin({
  name: 'files',
  description: 'Stores the files of messages in a folder or another storage, and serves them',
  config: FilesConfig,
  needs: { clock: Tokens.Clock, eventLog: Tokens.EventLog, sessions: Tokens.Sessions },
  wants: { server: Tokens.HttpServer, ownership: Tokens.Ownership },
  provides: [Tokens.Files],
  setup(context) {
    const { name, config, services, log, provide, contribute, contributions, onReady, setInterval } = context;
    const { clock, eventLog, sessions, server, ownership } = services;
    const folder = new FolderStorage(isAbsolute(config.folder) ? config.folder : join(context.baseDir, config.folder));
    const counters = new Counters();
    let storage: FileStorage = folder;
    let cache: FileCache | undefined;
    const opened = () => {
      if (!cache) throw new Error('files are asked for before their storage is open');
      return cache;
    };
    const baseUrl = () => server?.baseUrl ?? null;
    const receiving = new Receiving({ config, clock, log, counters, cache: opened, storage: () => storage, baseUrl });
    provide(Tokens.Files, receiving);
    contribute(
      Points.EventSink,
      fileEventSink(name, () => cache?.index),
    );
    contribute(Points.Routes, filesGroup({ index: () => cache?.index, storage: () => storage }));
    contribute(
      Points.Metrics,
      filesMetrics(name, counters, receiving.slots, () => cache?.index),
    );
    onReady(async () => {
      storage = chosen(contributions(Points.FileStorage), config.storage) ?? folder;
      if (storage === folder) await folder.open({ shared: ownership !== undefined, now: clock.now() });
      const index = await FileIndex.open(eventLog.database);
      const sinks = () => contributions(Points.EventSink).map(({ value }) => value);
      const hasSession = (session: string) => ownership?.exists(session) ?? sessions.has(session);
      const logTail = () => eventLog.tail;
      cache = new FileCache({ index, storage, clock, log, config, sinks, hasSession, logTail });
      if (ownership) return keepTogether({ name, cache, ownership, setInterval, every: sweepMs(config) });
      const cleaning = cache.removeStrangers();
      if (storage === folder) await cleaning;
      // A large bucket takes its time, and nothing waits for it.
      else
        cleaning.catch((error) => log.warn({ err: sentence(error) }, 'files that nobody knows could not be removed'));
      setInterval(() => opened().sweep(), sweepMs(config));
    });
  },
});

interface Together extends Pick<PluginContext, 'name' | 'setInterval'> {
  readonly cache: FileCache;
  readonly ownership: Pick<Ownership, 'does'>;
  /** How often one sweeps (ms). */
  readonly every: number;
}

/** In a cluster one process looks after the files of all; each knows how much room they take. */
const keepTogether = ({ name, cache, ownership, setInterval, every }: Together): void => {
  const isOurs = () => ownership.does(`files of ${name}`);
  let strangers: ReadonlySet<string> = new Set();
  setInterval(() => cache.index.recount(), RECOUNT_MS);
  setInterval(async () => {
    if (await isOurs()) await cache.sweep();
  }, every);
  setInterval(async () => {
    strangers = (await isOurs()) ? await cache.removeStrangers(strangers) : new Set();
  }, STRANGERS_MS);
};

const sweepMs = ({ lifetimeSeconds }: FilesConfig): number =>
  lifetimeSeconds === 0 ? LONGEST_SWEEP_MS : Math.min(LONGEST_SWEEP_MS, Math.max(1000, lifetimeSeconds * 250));

const chosen = (
  storages: readonly Contribution<FileStorage>[],
  wanted: string | undefined,
): FileStorage | undefined => {
  const found = wanted ? storages.find(({ plugin }) => plugin === wanted) : storages[0];
  if (wanted && !found) throw configInvalid(`files.storage: no plugin '${wanted}' brings a storage for files`);
  return found?.value;
};
