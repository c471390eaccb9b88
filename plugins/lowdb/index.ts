import { isAbsolute, join } from 'node:path';
import { definePlugin, Points, type Static, Type } from 'waha-runtime';
import { openLowdb } from './open.ts';

const LowdbConfig = Type.Object({
  folder: Type.String({ default: '.sessions', description: 'Where the files are; relative to the YAML file' }),
  lock: Type.Boolean({
    default: true,
    description: 'Refuse a folder that another runtime uses; set `false` for a network share without locks',
  }),
});
export type LowdbConfig = Static<typeof LowdbConfig>;

/** A database of JSON files that people can read and edit: for small state. */
export default definePlugin({
  name: 'lowdb',
  description: 'Stores small amounts of data in readable JSON files: session definitions, keys, apps',
  config: LowdbConfig,
  contributesFirst: [Points.Database],
  async setup({ name, config, baseDir, contribute, onClose, log }) {
    const folder = isAbsolute(config.folder) ? config.folder : join(baseDir, config.folder);
    const database = await openLowdb({ driver: name, folder, lock: config.lock, log });
    contribute(Points.Database, database);
    onClose(() => database.close());
  },
});
