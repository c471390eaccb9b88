import { isAbsolute, join } from 'node:path';
import { definePlugin, Points, type Static, Tokens, Type } from 'waha-runtime';
import { openSqlite } from './open.ts';

const SqliteConfig = Type.Object({
  folder: Type.String({ default: '.sessions', description: 'Where the file is; relative to the YAML file' }),
  file: Type.String({ default: 'waha.db', pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]*$', description: 'Its name' }),
  synchronous: Type.Enum(['full', 'normal'], {
    type: 'string',
    default: 'full',
    description:
      '`full`: acknowledged data survive a power cut. `normal` is faster and survives a crash of the process, ' +
      'but a power cut may take the last moments with it',
  }),
});
export type SqliteConfig = Static<typeof SqliteConfig>;

/** A database in one SQLite file: for what moves at message rate. */
export default definePlugin({
  name: 'sqlite',
  description: 'Keeps data in one SQLite file: credentials, Signal keys, messages, outbox',
  config: SqliteConfig,
  needs: { clock: Tokens.Clock },
  contributesFirst: [Points.Database],
  async setup({ name, config, baseDir, services: { clock }, contribute, onClose, log }) {
    const folder = isAbsolute(config.folder) ? config.folder : join(baseDir, config.folder);
    const { file, synchronous } = config;
    const database = await openSqlite({ driver: name, folder, file, synchronous, clock, log });
    log.debug({ file: join(folder, config.file) }, 'database opened');
    contribute(Points.Database, database);
    onClose(() => database.close());
  },
});
