import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Libsql from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../core/deadline.ts';
import type { Database } from '../../../core/index.ts';
import { checkForLoss } from '../../../core/stores/store-marks.ts';
import sqlite from '../../../plugins/sqlite/index.ts';
import { openSqlite } from '../../../plugins/sqlite/open.ts';
import { SimulatedClock } from '../../support/clock.ts';
import { silentLog } from '../../support/log.ts';

let base = '';
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'waha-sqlite-'));
});
afterEach(() => rmSync(base, { recursive: true }));

const open = (folder: string, driver = 'sqlite') =>
  openSqlite({ driver, folder, file: 'waha.db', synchronous: 'full', busyTimeoutMs: 10, clock: systemClock });
const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe('opening', () => {
  it('creates folder and file for the owner only', async () => {
    const folder = join(base, 'deep', 'down');
    const database = await open(folder);
    await database.open({ name: 'notes', columns: { id: { type: 'text' } }, key: ['id'] });
    expect(mode(folder)).toBe('700');
    expect(readdirSync(folder).map((file) => `${file} ${mode(join(folder, file))}`)).toEqual([
      'waha.db 600',
      'waha.db-journal 600',
      'waha.db-redo 600',
    ]);
    await database.close();
  });

  it('leaves one file behind that can be copied', async () => {
    await (await open(base)).close();
    expect(readdirSync(base)).toEqual(['waha.db']);
  });

  it('misses a file that was removed or emptied after a clean stop, with a mark beside it', async () => {
    const start = async (accept = false): Promise<void> => {
      const database = await open(base);
      await checkForLoss([{ plugin: 'sqlite', value: database }], accept).finally(() => database.close());
    };
    const path = join(base, 'waha.db');
    await start();
    await start();
    expect([readdirSync(base), mode(`${path}-mark`)]).toEqual([['waha.db', 'waha.db-mark'], '600']);
    rmSync(path);
    const missed = `the database of 'sqlite', ${path}, is empty, but it has held data before`;
    await expect(start()).rejects.toThrow(missed);
    await expect(start()).rejects.toThrow('--accept-data-loss');
    writeFileSync(path, '');
    await expect(start()).rejects.toThrow(missed);
    await start(true);
    await start();
    writeFileSync(`${path}-mark`, 'x');
    await start();
  });

  it('fails with one sentence that names plugin and folder when the folder cannot be made', async () => {
    writeFileSync(join(base, 'file'), '');
    const folder = join(base, 'file', 'sub');
    await expect(open(folder, 'my-sqlite')).rejects.toThrow(
      `[my-sqlite] the folder ${folder} cannot be written to: ENOTDIR`,
    );
  });

  it('fails with one sentence when the file is no database', async () => {
    writeFileSync(join(base, 'waha.db'), 'something else, and long enough to be looked at. '.repeat(100));
    await expect(open(base)).rejects.toThrow(
      `[sqlite] ${join(base, 'waha.db')} is damaged: stop the server and put the file back from a backup`,
    );
  });

  it('refuses a file that is open already, and takes it once it is closed', async () => {
    const first = await open(base);
    await expect(open(base)).rejects.toThrow(/is in use by another process; two runtimes cannot share a folder/);
    await first.close();
    await (await open(base)).close();
  });
});

describe('a collection', () => {
  const notes = { name: 'notes', columns: { id: { type: 'text' }, rank: { type: 'integer' } }, key: ['id'] } as const;
  const indexes = () => {
    const connection = new Libsql(join(base, 'waha.db'));
    try {
      return (
        connection
          .prepare("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql NOT NULL ORDER BY name")
          .all() as { name: string }[]
      ).map(({ name }) => name);
    } finally {
      connection.close();
    }
  };

  it('loses the indexes that are declared no more, and none that somebody else made', async () => {
    const former = await open(base);
    const rows = await former.open({ ...notes, indexes: [['rank'], ['rank', 'id']] });
    await former.open({ ...notes, name: 'notes__2', indexes: [['rank']] });
    await rows.put({ id: '1', rank: 2 });
    await former.close();
    const other = new Libsql(join(base, 'waha.db'));
    other.exec('CREATE INDEX mine ON notes (rank DESC)');
    other.close();
    const database = await open(base);
    const found = await (await database.open({ ...notes, indexes: [['rank', 'id']] })).find({ where: { rank: 2 } });
    expect(found).toEqual([{ id: '1', rank: 2 }]);
    await database.close();
    expect(indexes()).toEqual(['mine', 'notes__2__rank', 'notes__rank__id']);
  });
});

describe('the plugin', () => {
  const setup = async (config: object) => {
    const contributed: Database[] = [];
    const closing: (() => unknown)[] = [];
    await sqlite.setup({
      name: 'storage',
      config: { folder: '.sessions', file: 'waha.db', synchronous: 'full', ...config },
      baseDir: base,
      log: silentLog,
      services: { clock: new SimulatedClock() },
      contribute: (_: unknown, value: Database) => contributed.push(value),
      onClose: (hook: () => unknown) => closing.push(hook),
    } as never);
    return { database: contributed[0] as Database, close: () => closing[0]?.() };
  };

  it('contributes a database beside the YAML file, and closes it', async () => {
    const { database, close } = await setup({});
    expect(database.driver).toBe('storage');
    expect(readdirSync(join(base, '.sessions'))).toContain('waha.db');
    await close();
    await expect(database.batch([])).rejects.toThrow('[storage] the database is closed');
  });

  it('takes an absolute folder and a speed', async () => {
    const { close } = await setup({ folder: join(base, 'elsewhere'), file: 'x.db', synchronous: 'normal' });
    expect(readdirSync(join(base, 'elsewhere'))).toContain('x.db');
    await close();
  });
});
