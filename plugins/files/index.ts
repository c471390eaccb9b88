import { isAbsolute, join } from 'node:path';
import { type Contribution, configInvalid, definePlugin, Points, Tokens } from 'waha-runtime';
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

/** Keeps the files of messages for a while, and serves them. */
export default definePlugin({
  name: 'files',
  description: 'Keeps the files of messages, in a folder or another storage, and serves them',
  config: FilesConfig,
  needs: { clock: Tokens.Clock, eventLog: Tokens.EventLog, sessions: Tokens.Sessions },
  wants: { server: Tokens.HttpServer },
  provides: [Tokens.Files],
  setup(context) {
    const { name, config, services, log, provide, contribute, contributions, onReady, setInterval } = context;
    const { clock, eventLog, sessions, server } = services;
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
      if (storage === folder) await folder.open();
      const index = await FileIndex.open(eventLog.database);
      const sinks = () => contributions(Points.EventSink).map(({ value }) => value);
      const hasSession = (session: string) => sessions.has(session);
      const logTail = () => eventLog.tail;
      cache = new FileCache({ index, storage, clock, log, config, sinks, hasSession, logTail });
      await cache.removeStrangers();
      setInterval(() => opened().sweep(), sweepMs(config));
    });
  },
});

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
