import { describe, expect, it } from 'vitest';
import type { Change, Database } from '../../../core/contracts/storage.ts';
import { systemClock } from '../../../core/deadline.ts';
import { storageFailed } from '../../../core/errors.ts';
import { memoryDatabase } from '../../../core/testing/memory-database.ts';
import { deferred } from '../../../plugins/baileys/deferred.ts';
import { ClusterNode } from '../../../plugins/cluster/node.ts';
import { protocol } from '../../../plugins/cluster/strangers.ts';
import { type ClusterTables, openTables } from '../../../plugins/cluster/tables.ts';
import { recordingLog } from '../../support/log.ts';

const timing = { beat: 50, deadAfter: 400, expect: 1 };

const until = async (isSo: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 10));
};

/** The database as one process reaches it, until its line is cut. */
class Line {
  isCut = false;
  readonly database: Database;

  constructor(database: Database) {
    this.database = {
      driver: database.driver,
      open: (schema) => database.open(schema),
      close: () => database.close(),
      batch: (changes: readonly Change[]) =>
        this.isCut ? Promise.reject(storageFailed('postgres', 'nobody there')) : database.batch(changes),
    };
  }
}

const join = async (tables: ClusterTables, config: object = {}) => {
  const log = recordingLog();
  const there = new Set<string>();
  const node = new ClusterNode({
    config: { name: 'waha', ...timing, ...config } as never,
    ...{ tables, version: '1', clock: systemClock, log, onDeath: () => undefined },
  });
  const cuts: string[] = [];
  /** What taking a session waits for. */
  const slow = { reading: Promise.resolve() };
  const host = {
    take: async (name: string) => {
      there.add(name);
      await slow.reading;
      return true;
    },
    cut: (name: string) => void cuts.push(name),
    release: async (name: string) => void there.delete(name),
    infos: () => [],
  };
  const begin = () => node.begin(host, { url: 'http://127.0.0.1:1' });
  const told = (text: string) => log.lines.some(({ message }) => message.includes(text));
  return { node, there, cuts, slow, begin, told };
};

describe('a process of a cluster', { timeout: 60_000 }, () => {
  it('is refused beside another cluster, and beside a newer protocol, in words; not beside what is left of them', async () => {
    const tables = await openTables(memoryDatabase());
    const one = await join(tables);
    await one.begin();
    const other = await join(tables, { name: 'other' });
    await expect(other.begin()).rejects.toThrow(
      "name: the cluster 'waha' (http://127.0.0.1:1) uses the same tables; give this one a schema of its own",
    );
    await one.node.end();
    const row = {
      cluster: 'waha',
      url: 'http://new',
      version: '9',
      state: 'ready',
      sessions: 0,
      startedAt: 0,
      clock: 0,
      needs: 0,
    };
    let beat = 0;
    const beats = setInterval(() => {
      void tables.nodes.put({ ...row, id: 'newer', protocol: protocol + 1, beat: beat++ });
    }, 20);
    await until(async () => (await tables.nodes.get({ id: 'newer' })) !== null);
    const older = await join(tables);
    await expect(older.begin()).rejects.toThrow(
      `the cluster speaks protocol ${protocol + 1} (http://new), this program ${protocol}: update it`,
    );
    clearInterval(beats);
    await tables.nodes.put({ ...row, id: 'other', cluster: 'other', protocol, beat: 7 });
    await older.begin();
    await older.node.end();
  });

  it('lets go of everything before the others take over, when the database does not take its beats', async () => {
    const database = memoryDatabase();
    const line = new Line(database);
    const one = await join(await openTables(line.database));
    const other = await join(await openTables(database));
    await Promise.all([one.begin(), other.begin()]);
    await one.node.found('ana');
    one.there.add('ana');
    line.isCut = true;
    await until(() => {
      const isHeldByOne = one.there.has('ana');
      expect(isHeldByOne && other.there.has('ana')).toBe(false);
      return other.there.has('ana');
    });
    expect(one.told('has not taken a beat for too long')).toBe(true);
    expect(one.node.report.state).toBe('cut off');
    line.isCut = false;
    await until(() => one.told('begins anew') && one.node.report.state === 'ready');
    await other.node.end();
    await until(() => one.there.has('ana'));
    await one.node.end();
  });

  it('ends a connection at once, although what it does for the session waits for the database', async () => {
    const database = memoryDatabase();
    const line = new Line(database);
    const one = await join(await openTables(line.database));
    const reading = deferred();
    one.slow.reading = reading.promise;
    const tables = await openTables(database);
    await tables.placements.put({ name: 'ana', owner: '', epoch: 1 });
    await one.begin();
    await until(() => one.there.has('ana'));
    line.isCut = true;
    await until(() => one.told('has not taken a beat for too long'));
    expect([one.cuts, [...one.there]]).toEqual([['ana'], ['ana']]);
    reading.resolve();
    await until(() => !one.there.has('ana'));
    line.isCut = false;
    await until(() => one.node.report.state === 'ready');
    await one.node.end();
  });

  it('keeps what it has when the database is away for everybody', async () => {
    const database = memoryDatabase();
    const lines = [new Line(database), new Line(database)];
    const nodes = await Promise.all(lines.map(async (line) => join(await openTables(line.database))));
    for (const { begin } of nodes) await begin();
    const [one] = nodes;
    await one?.node.found('ana');
    for (const line of lines) line.isCut = true;
    await until(() => nodes.every(({ node }) => node.report.state === 'cut off'));
    for (const line of lines) line.isCut = false;
    await until(() => nodes.every(({ node }) => node.report.state === 'ready'));
    await until(() => one?.there.has('ana') === true);
    for (const { told } of nodes) expect(told('begins anew')).toBe(false);
    for (const { node } of nodes) await node.end();
  });
});
