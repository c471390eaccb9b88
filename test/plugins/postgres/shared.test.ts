import { execFileSync } from 'node:child_process';
import { chownSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { counted, defineCollection } from '../../../core/contracts/storage.ts';
import { systemClock } from '../../../core/deadline.ts';
import { CollectionFormat, selectionOf } from '../../../core/storage.ts';
import { messagesSchema } from '../../../core/stores/message-rows.ts';
import type { PostgresDatabase } from '../../../plugins/postgres/database.ts';
import { openPostgres, type PostgresOptions } from '../../../plugins/postgres/open.ts';
import { select } from '../../../plugins/postgres/sql.ts';
import { recordingLog } from '../../support/log.ts';
import { hasPostgres, PostgresServer } from '../../support/postgres.ts';

const placements = defineCollection({
  name: 'placements',
  columns: { name: { type: 'text' }, owner: { type: 'text' }, epoch: { type: 'integer' } },
  key: ['name'],
  indexes: [['owner']],
});
const heads = defineCollection({
  name: 'heads',
  columns: { log: { type: 'text' }, cursor: { type: 'integer' } },
  key: ['log'],
});
const events = defineCollection({
  name: 'events',
  columns: { id: { type: 'text' }, cursor: { type: 'integer' }, session: { type: 'text' } },
  key: ['id'],
  indexes: [['cursor']],
});

describe.runIf(hasPostgres)('a PostgreSQL server', () => {
  let server: PostgresServer;
  let schema = 0;
  const opened: PostgresDatabase[] = [];
  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  afterAll(() => server?.close());
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((database) => database.close()));
    schema += 1;
  });

  const open = async (changed: Partial<PostgresOptions> = {}): Promise<PostgresDatabase> => {
    const database = await openPostgres({
      driver: 'postgres',
      connection: { connectionString: server.url },
      schema: `shared_${schema}`,
      readers: 1,
      pooled: false,
      clock: systemClock,
      log: recordingLog(),
      ...changed,
    });
    opened.push(database);
    return database;
  };

  const tablesOf = async (database: PostgresDatabase) => ({
    database,
    placements: await database.open(placements),
    heads: await database.open(heads),
    events: await database.open(events),
  });

  it('is prepared by any number of processes that start at the same moment', async () => {
    const databases = await Promise.all(Array.from({ length: 5 }, () => open()));
    const all = await Promise.all(databases.map(tablesOf));
    await Promise.all(all.map(({ events }, id) => events.put({ id: String(id), cursor: id, session: 's' })));
    expect(await all[0]?.events.count()).toBe(5);
  });

  it('reads the messages of all chats in the order of an index, and sorts nothing', async () => {
    const database = await open();
    await database.open(messagesSchema);
    const format = new CollectionFormat('postgres', messagesSchema);
    const table = { format, name: `"shared_${schema}"."messages"` };
    const client = new Client({ connectionString: server.url });
    await client.connect();
    const planOf = async (descending: boolean) => {
      const orderBy = [
        { column: 'timestamp', descending },
        { column: 'place', descending },
      ] as const;
      const query = { where: { session: 's', listed: 1, timestamp: { gte: 5 } }, orderBy, limit: 10 };
      const { text, values } = select(table, selectionOf(format, query));
      // A table without rows is otherwise read from its beginning to its end.
      await client.query('SET enable_seqscan = off');
      const { rows } = await client.query(`EXPLAIN (COSTS off) ${text}`, [...values]);
      return rows.map((row) => String(row['QUERY PLAN']).trim());
    };
    try {
      for (const descending of [true, false]) {
        const plan = await planOf(descending);
        expect(plan.filter((step) => /Sort|Seq Scan/.test(step))).toEqual([]);
        expect(plan.join()).toContain('messages__session__timestamp__place');
      }
    } finally {
      await client.end();
    }
  });

  it('ends the writes of who lost a row to another process, in its transaction', async () => {
    const [old, next] = await Promise.all([tablesOf(await open()), tablesOf(await open())]);
    await old.placements.put({ name: 's', owner: 'old', epoch: 1 });
    const fence = (owner: string, epoch: number) => old.placements.requiring({ name: 's', owner, epoch });
    const writing = Array.from({ length: 300 }, (_, id) =>
      old.database.batch([fence('old', 1), old.events.putting({ id: `${id}`, cursor: id, session: 's' })]),
    );
    const claim = next.database.batch([
      fence('old', 1),
      next.placements.putting({ name: 's', owner: 'next', epoch: 2 }),
    ]);
    await claim;
    const seen = await next.events.count();
    const outcomes = await Promise.allSettled(writing);
    const late = old.database.batch([fence('old', 1), old.events.putting({ id: 'late', cursor: 1, session: 's' })]);
    await expect(late).rejects.toMatchObject({ code: 'NOT_HELD' });
    // What was committed was so before the claim: nothing came behind it.
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(seen);
    expect(await next.events.count()).toBe(seen);
  });

  it('lets one of those that claim the same row at once have it', async () => {
    const all = await Promise.all([1, 2, 3, 4].map(async () => tablesOf(await open())));
    await all[0]?.placements.put({ name: 's', owner: 'dead', epoch: 7 });
    const outcomes = await Promise.allSettled(
      all.map(({ database, placements: rows }, node) =>
        database.batch([
          rows.requiring({ name: 's', owner: 'dead', epoch: 7 }),
          rows.putting({ name: 's', owner: String(node), epoch: 8 }),
        ]),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const adding = await Promise.allSettled(
      all.map(({ database, placements: rows }, node) =>
        database.batch([rows.adding({ name: 'new', owner: String(node), epoch: 1 })]),
      ),
    );
    expect(adding.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('numbers the events of several processes without a gap, in the order of their commits', async () => {
    const all = await Promise.all([1, 2, 3].map(async () => tablesOf(await open())));
    const given: number[] = [];
    await Promise.all(
      all.flatMap(({ database, heads: head, events: rows }, node) =>
        Array.from({ length: 50 }, (_, index) =>
          database.batch([
            head.counting({ log: 'main' }, 'cursor', 1, (base) => given.push(base + 1)),
            rows.adding({ id: `${node}.${index}`, cursor: counted(1), session: `s${node}` }),
          ]),
        ),
      ),
    );
    const cursors = ((await all[0]?.events.find({ orderBy: [{ column: 'cursor' }] })) ?? []).map(
      ({ cursor }) => cursor,
    );
    expect(cursors).toEqual(Array.from({ length: 150 }, (_, index) => index + 1));
    expect([...given].sort((left, right) => left - right)).toEqual(cursors);
  });

  it('may end a connection, or go away and come back: what was acknowledged is there, and calls succeed again', async () => {
    const log = recordingLog();
    const { database, events: rows } = await tablesOf(await open({ log }));
    const acknowledged: string[] = [];
    const write = (id: string) =>
      database
        .batch([rows.putting({ id, cursor: 1, session: 's' })])
        .then(() => acknowledged.push(id))
        .catch((error: unknown) => expect(error).toMatchObject({ code: 'STORAGE_FAILED' }));
    const untilItWorks = async (id: string) => {
      while (!acknowledged.includes(id)) await write(id);
    };
    const admin = new Client({ connectionString: server.url });
    await admin.connect();
    const writing = Array.from({ length: 50 }, (_, id) => write(`a${id}`));
    await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()');
    await Promise.all(writing);
    await untilItWorks('b');
    await admin.end();
    const more = Array.from({ length: 50 }, (_, id) => write(`c${id}`));
    await server.stop('SIGQUIT');
    await Promise.all(more);
    await expect(rows.count()).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    expect(database.failure).not.toBeNull();
    await server.start();
    await untilItWorks('d');
    expect(database.failure).toBeNull();
    // Each connection finds the server again in its own time.
    const read = async (): Promise<string[]> => (await rows.find().catch(() => [])).map(({ id }) => id);
    let found: string[] = [];
    while (found.length === 0) found = await read();
    expect(found).toEqual(expect.arrayContaining(acknowledged));
    expect(log.lines.map(({ message }) => message)).toContain('the connection to the database is back');
  });

  it('makes an index under a short name when its own would be cut, and takes away one that is declared no more', async () => {
    const long = `c${'o'.repeat(62)}`;
    const columns = {
      id: { type: 'text' },
      [`${long}1`.slice(1)]: { type: 'integer' },
      second: { type: 'text' },
    } as const;
    const name = 'with_a_name_that_is_nearly_as_long_as_it_can_be_in_this_world';
    const schemaOf = (indexes: string[][]) => ({ name, columns, key: ['id'], indexes }) as const;
    const other = Object.keys(columns)[1] ?? '';
    const database = await open();
    const admin = new Client({ connectionString: server.url });
    await admin.connect();
    const indexes = async () => {
      const { rows } = await admin.query('SELECT indexdef FROM pg_indexes WHERE schemaname = $1 AND tablename = $2', [
        `shared_${schema}`,
        name,
      ]);
      return rows.map(({ indexdef }) => indexdef.replace(/.* USING btree/, '')).sort();
    };
    await database.open(defineCollection(schemaOf([[other], [other, 'second']])) as never);
    expect(await indexes()).toEqual(
      [' (id)', ` (${other} NULLS FIRST)`, ` (${other} NULLS FIRST, second NULLS FIRST)`].sort(),
    );
    await database.open(defineCollection(schemaOf([['second']])) as never);
    expect(await indexes()).toEqual([' (id)', ' (second NULLS FIRST)']);
    await admin.end();
  });

  it('works behind a pooler that gives each transaction another connection', async () => {
    const { database, events: rows, placements: owners } = await tablesOf(await open({ pooled: true }));
    await owners.put({ name: 's', owner: 'me', epoch: 1 });
    await database.batch([
      owners.requiring({ name: 's', owner: 'me' }),
      rows.putting({ id: 'a', cursor: 1, session: 's' }),
    ]);
    await expect(database.batch([owners.requiring({ name: 't' }), rows.removing({})])).rejects.toThrow(/step 0/);
    expect(await rows.remove({ session: 's' })).toBe(1);
    const admin = new Client({ connectionString: server.url });
    await admin.connect();
    const { rows: kept } = await admin.query(
      "SELECT query FROM pg_stat_activity WHERE application_name <> '' AND query LIKE 'SET %'",
    );
    expect(kept).toEqual([]);
    await admin.end();
  });

  it('is refused in words: nobody there, no such database, other texts than UTF-8', async () => {
    const at = (url: string) => open({ connection: { connectionString: url } });
    await expect(at('postgres://u:secret@127.0.0.1:1/waha')).rejects.toThrow(/127\.0\.0\.1:1\/waha .*ECONNREFUSED/);
    await expect(at('postgres://u:secret@127.0.0.1:1/waha')).rejects.not.toThrow(/secret/);
    await expect(at(server.url.replace('/postgres', '/nowhere'))).rejects.toThrow(/"nowhere" does not exist/);
    const admin = new Client({ connectionString: server.url });
    await admin.connect();
    await admin.query("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0");
    await admin.end();
    await expect(at(server.url.replace('/postgres', '/latin'))).rejects.toThrow(/encoding LATIN1.*ENCODING 'UTF8'/);
  });

  it('is talked to by TLS, when its certificate is from the given authority', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'waha-tls-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'ed25519', '-nodes', '-keyout', key, '-out', cert, ...subject],
      {
        stdio: 'pipe',
      },
    );
    await server.stop();
    const { uid, gid } = statSync(server.folder);
    for (const path of [folder, key, cert]) chownSync(path, uid, gid);
    await server.start(['ssl=on', `ssl_cert_file=${cert}`, `ssl_key_file=${key}`]);
    const at = (ssl: object) =>
      open({ connection: { connectionString: server.url.replace('127.0.0.1', 'localhost'), ssl } });
    await expect(at({ rejectUnauthorized: true })).rejects.toThrow(/self-signed/);
    const database = await at({ rejectUnauthorized: true, ca: readFileSync(cert, 'utf8') });
    await (await database.open(heads)).put({ log: 'main', cursor: 1 });
    rmSync(folder, { recursive: true });
  });
});
