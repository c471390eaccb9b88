import { resolve } from 'node:path';
import { definePlugin, Points, Type } from 'waha-runtime';
import { TableDatabase } from 'waha-runtime/storage';
import { SnapshotFile } from './snapshot-file.ts';

/** A storage driver that keeps everything in one file, which it writes anew at each change: for small deployments. */
export default definePlugin({
  name: 'snapshot-database',
  description: 'Keeps everything in one file',
  config: Type.Object({ file: Type.String({ default: 'waha.snapshot', description: 'Relative to the YAML file' }) }),
  contributesFirst: [Points.Database],
  async setup({ name, config, baseDir, contribute, onClose }) {
    const database = new TableDatabase(name, await SnapshotFile.open(resolve(baseDir, config.file)));
    contribute(Points.Database, database);
    onClose(() => database.close());
  },
});
