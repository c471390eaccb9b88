import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Libsql from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Collection, defineCollection } from '../../../core/index.ts';
import { SqliteConnection } from '../../../plugins/sqlite/connection.ts';
import { SqliteDatabase } from '../../../plugins/sqlite/database.ts';
import { RedoLog } from '../../../plugins/sqlite/redo-log.ts';

const blobs = defineCollection({
  name: 'blobs',
  columns: { id: { type: 'integer' }, data: { type: 'bytes' } },
  key: ['id'],
});
type Blob = { id: number; data: Uint8Array };

let connection: Libsql.Database;
let database: SqliteDatabase;
let rows: Collection<Blob>;

beforeEach(async () => {
  connection = new Libsql(':memory:');
  database = new SqliteDatabase('sqlite', new SqliteConnection(connection));
  rows = await database.open(blobs);
});
afterEach(() => database.close());

const small = (id: number): Blob => ({ id, data: new Uint8Array([id]) });
const big = (id: number): Blob => ({ id, data: new Uint8Array(2_000_000) });
const soon = () => new Promise((resolve) => setImmediate(resolve));
/** A sync that follows another one begins after a turn of the event loop. */
const aMoment = async () => {
  for (let turn = 0; turn < 3; turn++) await soon();
};
const outcomes = async (calls: Promise<unknown>[]): Promise<string[]> =>
  (await Promise.allSettled(calls)).map(({ status }) => status);

describe('group commit', () => {
  it('commits what one turn of the event loop brings in one transaction', async () => {
    let settled = 0;
    const calls = [1, 2, 3].map((id) => rows.put(small(id)).then(() => settled++));
    expect(connection.inTransaction).toBe(true);
    await Promise.resolve();
    expect(settled).toBe(0);
    await soon();
    expect(connection.inTransaction).toBe(false);
    await Promise.all(calls);
    expect(settled).toBe(3);
  });

  it('commits early when a group grows large', async () => {
    const calls = Array.from({ length: 1_000 }, (_, id) => rows.put(small(id)));
    expect(connection.inTransaction).toBe(false);
    await Promise.all(calls);
  });

  it('answers a read only when what it saw is committed', async () => {
    const saving = rows.put(small(1));
    const reading = rows.get({ id: 1 }).then((row) => ({ row, open: connection.inTransaction }));
    expect(await reading).toEqual({ row: small(1), open: false });
    await saving;
  });

  it('answers a read of another collection at once', async () => {
    const others = await database.open({ ...blobs, name: 'others' });
    const saving = rows.put(small(1));
    expect(await others.find()).toEqual([]);
    expect(connection.inTransaction).toBe(true);
    await saving;
  });

  it('rejects a batch that fails in the database alone', async () => {
    connection.exec(`CREATE TRIGGER no_two BEFORE INSERT ON blobs WHEN NEW.id = 2
      BEGIN SELECT RAISE(ABORT, 'no two'); END`);
    const calls = [
      database.batch([rows.putting(small(1))]),
      database.batch([rows.putting(small(3)), rows.putting(small(2))]),
      database.batch([rows.putting(small(4))]),
    ];
    expect(await outcomes(calls)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    await expect(calls[1]).rejects.toMatchObject({ code: 'STORAGE_FAILED', message: '[sqlite] no two' });
    expect((await rows.find({ orderBy: [{ column: 'id' }] })).map(({ id }) => id)).toEqual([1, 4]);
  });

  it('rejects all of a group that the database rolled back whole, and goes on', async () => {
    connection.exec(`CREATE TRIGGER no_two BEFORE INSERT ON blobs WHEN NEW.id = 2
      BEGIN SELECT RAISE(ROLLBACK, 'gone'); END`);
    const before = rows.put(small(1));
    const reading = rows.find();
    const calls = [before, rows.put(small(2)), rows.put(small(3))];
    expect(await outcomes(calls)).toEqual(['rejected', 'rejected', 'fulfilled']);
    expect(await reading).toEqual([small(3)]);
    expect((await rows.find()).map(({ id }) => id)).toEqual([3]);
  });

  it('survives a full disk', async () => {
    await rows.put(small(1));
    connection.pragma('max_page_count = 100');
    expect(await outcomes([rows.put(big(2))])).toEqual(['rejected']);
    connection.pragma('max_page_count = 100000');
    await rows.put(big(3));
    expect((await rows.find({ orderBy: [{ column: 'id' }] })).map(({ id }) => id)).toEqual([1, 3]);
  });

  it('leaves nothing of a batch that a full disk stops in the middle', async () => {
    await rows.put(small(1));
    connection.pragma('max_page_count = 100');
    const replaced = { id: 1, data: new Uint8Array([9]) };
    const batch = [replaced, small(2), big(3), small(4)].map((row) => rows.putting(row));
    expect(await outcomes([database.batch(batch)])).toEqual(['rejected']);
    connection.pragma('max_page_count = 100000');
    expect(await rows.find()).toEqual([small(1)]);
    await database.batch(batch);
    expect((await rows.find({ orderBy: [{ column: 'id' }] })).map(({ id }) => id)).toEqual([1, 2, 3, 4]);
  });
});

describe('with a log of what the database has not committed', () => {
  const syncs: { resolve(): void; reject(error: Error): void }[] = [];
  let folder = '';
  /** Full after two groups or so with `big` rows. */
  class SlowLog extends RedoLog {
    failure: Error | null = null;
    override sync = () => new Promise<void>((resolve, reject) => syncs.push({ resolve, reject }));
    override append(statements: Parameters<RedoLog['append']>[0]): void {
      if (this.failure) throw this.failure;
      super.append(statements);
    }
  }
  let log: SlowLog;

  beforeEach(async () => {
    syncs.length = 0;
    folder = mkdtempSync(join(tmpdir(), 'waha-sqlite-'));
    log = new SlowLog(join(folder, 'waha.db'), true, 3_000_000);
    database = new SqliteDatabase('sqlite', new SqliteConnection(connection, log));
    const opening = database.open(blobs);
    await soon();
    syncs.shift()?.resolve();
    rows = await opening;
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const settledOf = (call: Promise<unknown>) => {
    const state = { settled: false };
    call.then(
      () => Object.assign(state, { settled: true }),
      () => Object.assign(state, { settled: true }),
    );
    return state;
  };

  it('acknowledges nothing before the sync that began after its commit', async () => {
    const first = settledOf(rows.put(small(1)));
    await soon();
    const second = settledOf(rows.put(small(2)));
    const third = settledOf(rows.put(small(3)));
    await soon();
    expect([syncs.length, first.settled]).toEqual([1, false]);
    syncs[0]?.resolve();
    await aMoment();
    expect([first.settled, second.settled, third.settled, syncs.length]).toEqual([true, false, false, 2]);
    syncs[1]?.resolve();
    await aMoment();
    expect([second.settled, third.settled, syncs.length]).toEqual([true, true, 2]);
  });

  it('takes what follows from one sync into the next', async () => {
    const chain = settledOf(rows.put(small(1)).then(() => rows.put(small(2))));
    await soon();
    void rows.put(small(3));
    await soon();
    syncs[0]?.resolve();
    await aMoment();
    syncs[1]?.resolve();
    await aMoment();
    expect([chain.settled, syncs.length]).toEqual([true, 2]);
  });

  it('answers a read of what is not on disk yet when it is', async () => {
    void rows.put(small(1));
    await soon();
    const reading = rows.get({ id: 1 });
    const state = settledOf(reading);
    await soon();
    expect(state.settled).toBe(false);
    syncs[0]?.resolve();
    expect(await reading).toEqual(small(1));
  });

  it('rejects what a failed sync was for, and takes nothing more', async () => {
    const lost = rows.put(small(1));
    await soon();
    syncs[0]?.reject(new Error('the disk is gone'));
    await expect(lost).rejects.toMatchObject({ code: 'STORAGE_FAILED', message: '[sqlite] the disk is gone' });
    await expect(rows.put(small(2))).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
  });

  it('closes when everything is on disk', async () => {
    const saving = rows.put(small(1));
    const closing = settledOf(database.close());
    await soon();
    expect(closing.settled).toBe(false);
    syncs[0]?.resolve();
    await saving;
    await aMoment();
    expect(closing.settled).toBe(true);
  });

  /** Every sync succeeds from now on. */
  const syncing = () => {
    for (const { resolve } of syncs.splice(0)) resolve();
    log.sync = async () => undefined;
  };

  it('leaves the commit of the database to many groups, until the log is full', async () => {
    syncing();
    await rows.put(small(1));
    await rows.put(big(2));
    expect(connection.inTransaction).toBe(true);
    await rows.put(big(3));
    expect(connection.inTransaction).toBe(false);
    expect(log.isFull).toBe(false);
    expect(await rows.count()).toBe(3);
  });

  it('rejects a group that cannot be logged, and goes on without it', async () => {
    syncing();
    await rows.put(small(1));
    log.failure = new Error('no space');
    expect(await outcomes([rows.put(small(2)), rows.put(small(3))])).toEqual(['rejected', 'rejected']);
    expect((await rows.find()).map(({ id }) => id)).toEqual([1]);
    log.failure = null;
    await rows.put(small(4));
    expect((await rows.find()).map(({ id }) => id)).toEqual([1, 4]);
  });

  it('runs again what was acknowledged when the database rolls it back', async () => {
    syncing();
    connection.exec(`CREATE TRIGGER no_two BEFORE INSERT ON blobs WHEN NEW.id = 2
      BEGIN SELECT RAISE(ROLLBACK, 'gone'); END`);
    await rows.put(small(1));
    expect(await outcomes([rows.put(small(5)), rows.put(small(2)), rows.put(small(3))])).toEqual([
      ...['rejected', 'rejected', 'fulfilled'],
    ]);
    expect((await rows.find()).map(({ id }) => id)).toEqual([1, 3]);
  });

  it('keeps what was acknowledged when the disk is too full for the database, and commits it later', async () => {
    syncing();
    await rows.put(small(1));
    connection.pragma('max_page_count = 100');
    expect(await outcomes([rows.put(big(2))])).toEqual(['rejected']);
    expect((await rows.find()).map(({ id }) => id)).toEqual([1]);
    connection.pragma('max_page_count = 100000');
    await rows.put(big(3));
    expect((await rows.find()).map(({ id }) => id)).toEqual([1, 3]);
  });
});
