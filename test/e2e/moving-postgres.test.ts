import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { importSessions } from '../../core/cli/remote/import-sessions.ts';
import { Server } from '../../core/cli/remote/server.ts';
import type { KeyChange } from '../../core/engine.ts';
import type { WAMessage } from '../../core/index.ts';
import { acceptAccount } from '../../plugins/baileys/moving/account.ts';
import { readAuthFolder } from '../../plugins/baileys/moving/files.ts';
import { findPostgresSessions } from '../../plugins/baileys/moving/postgres/sessions.ts';
import { builtins } from '../../plugins/index.ts';
import type { Group } from '../../plugins/sandbox/sandbox.ts';
import { apiKey, temporaryFolder } from '../support/deployment.ts';
import { hasPostgres, PostgresServer } from '../support/postgres.ts';
import { StockBaileys } from '../support/stock-baileys.ts';
import { World } from '../support/world.ts';

const numbers = { own: '4915200029001', ana: '4915200029002' };
const folder = temporaryFolder();
const place = (name: string) => join(folder.path, name);
const instances = place('instances');

let world: World;
let group: Group;
let postgres: PostgresServer;
const printed: string[] = [];

/** A linked account that has been spoken to, alone and in a group, as the files of stock Baileys. */
const leave = async (name: string, number: string): Promise<void> => {
  mkdirSync(place(name));
  const bot = new StockBaileys(world.sandbox, place(name));
  await bot.link(number);
  const contact = world.sandbox.contact(numbers.ana);
  const heard = [bot.text('hello'), bot.text('hello all')];
  await contact.send(number, 'hello');
  await contact.send(group.jid, 'hello all');
  await Promise.all(heard);
  await bot.stop();
};

/** What the files hold, by the names that rows have. */
const rowsOf = (): [string, string][] =>
  readdirSync(place('own')).map((file) => [rowName(file), readFileSync(join(place('own'), file), 'utf8')]);

const columnsOf = (rows: readonly [string, string][]): string[][] => [
  rows.map(([name]) => name),
  rows.map(([, text]) => text),
];

/** Sender keys have `::` in rows, where files have `--`. */
const rowName = (file: string): string => {
  const name = file.replace(/\.json$/, '');
  return name.startsWith('sender-key-1') ? name.replaceAll('--', '::') : name;
};

const within = async (database: string, work: (client: pg.Client) => Promise<void>): Promise<void> => {
  const client = new pg.Client({ connectionString: urlOf(database) });
  await client.connect();
  await work(client).finally(() => client.end());
};

/** A database for what sessions share, and one for each of them, with its keys and its store. */
const keepAsDatabases = async (): Promise<void> => {
  await within('postgres', async (client) => {
    for (const name of ['waha_noweb', 'waha_noweb_own', 'waha_noweb_none'])
      await client.query(`CREATE DATABASE ${name}`);
  });
  await within('waha_noweb', async (client) => {
    await client.query('CREATE TABLE session_config (id TEXT PRIMARY KEY, data TEXT)');
    await client.query('CREATE TABLE session_worker (id TEXT, worker TEXT, data TEXT)');
    const config = JSON.stringify({ metadata: { team: 'sales' }, noweb: { store: { enabled: true } } });
    await client.query('INSERT INTO session_config VALUES ($1, $2)', ['own', config]);
  });
  await within('waha_noweb_own', async (client) => {
    await client.query('CREATE TABLE auth (id TEXT PRIMARY KEY, data TEXT)');
    await client.query('INSERT INTO auth SELECT * FROM unnest($1::text[], $2::text[])', columnsOf(rowsOf()));
    await client.query('CREATE TABLE chats (id TEXT, "conversationTimestamp" BIGINT, data JSONB)');
    await client.query('CREATE TABLE messages (jid TEXT, id TEXT, "messageTimestamp" BIGINT, data JSONB)');
    await client.query('CREATE TABLE lid_map (id TEXT, pn TEXT)');
    const chat = `${numbers.ana}@s.whatsapp.net`;
    const key = { remoteJid: chat, fromMe: false, id: 'OLD1' };
    const message = { key, messageTimestamp: 1_700_000_000, status: 'READ', message: { conversation: 'long ago' } };
    await client.query('INSERT INTO chats VALUES ($1, $2, $3)', [chat, 1_700_000_000, { id: chat, unreadCount: 1 }]);
    await client.query('INSERT INTO messages VALUES ($1, $2, $3, $4)', [chat, 'OLD1', 1_700_000_000, message]);
    await client.query("INSERT INTO lid_map VALUES ('777000111@lid', '4915200029077@s.whatsapp.net')");
  });
};

/** One table for all sessions; bytes as `JSON.stringify` writes those of a `Buffer`, and of an array of bytes. */
const keepAsRows = async (): Promise<void> => {
  await within('postgres', async (client) => {
    await client.query('CREATE DATABASE single');
  });
  await within('single', async (client) => {
    await client.query(
      'CREATE TABLE waha_auth (session_id TEXT, key TEXT, value JSONB, PRIMARY KEY (session_id, key))',
    );
    const bare = (name: string, bytes: Buffer): unknown =>
      name === 'creds' ? Buffer.from(bytes) : new Uint8Array(bytes);
    const rows = rowsOf().map(([name, text]): [string, string] => {
      const value: unknown = JSON.parse(text, (_, item) =>
        item?.type === 'Buffer' && typeof item.data === 'string' ? bare(name, Buffer.from(item.data, 'base64')) : item,
      );
      return [name, JSON.stringify(value)];
    });
    const text = "INSERT INTO waha_auth SELECT 'own', * FROM unnest($1::text[], $2::jsonb[])";
    await client.query(text, columnsOf(rows));
  });
};

/** Credentials as JSON of JSON in a table, keys in a folder of files that is called like the instance's id. */
const keepAsEvolution = async (): Promise<void> => {
  await within('postgres', async (client) => {
    await client.query('CREATE DATABASE evolution');
  });
  await within('evolution', async (client) => {
    await client.query('CREATE TABLE "Instance" (id TEXT PRIMARY KEY, name TEXT, "connectionStatus" TEXT)');
    await client.query('CREATE TABLE "Session" (id TEXT PRIMARY KEY, "sessionId" TEXT, creds TEXT)');
    await client.query('CREATE TABLE "Message" (id TEXT, "instanceId" TEXT, key JSONB)');
    await client.query(`INSERT INTO "Instance" VALUES ('clx1', 'evo', 'open'), ('clx2', 'never', 'connecting')`);
    const creds = readFileSync(join(place('own'), 'creds.json'), 'utf8');
    await client.query(`INSERT INTO "Session" VALUES ('s1', 'clx1', $1), ('s2', 'clx2', $2)`, [
      JSON.stringify(creds),
      JSON.stringify('{"registered":false}'),
    ]);
  });
  cpSync(place('own'), join(instances, 'clx1'), { recursive: true, filter: (file) => !file.endsWith('creds.json') });
};

const urlOf = (database: string): string => postgres.url.replace(/postgres$/, database);

const byName = (keys: readonly KeyChange[] = []): Map<string, string> =>
  new Map(
    keys.map(({ type, id, value }) => [`${type}-${id}`, canonical(JSON.parse(String(Buffer.from(value ?? []))))]),
  );

/** JSON with names in the order of the alphabet: JSONB has an order of its own. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, item) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );

const bring = (database: string, options: Partial<Parameters<typeof importSessions>[0]> = {}): Promise<number> => {
  printed.length = 0;
  return importSessions({
    ...{ server: new Server({ url: world.api.url, apiKey }), builtins, place: urlOf(database) },
    ...options,
  });
};

/** Reads what comes, alone and in a group with a key that was handed out before, and is read, without a single retry. */
const talks = async (session: string, number: string): Promise<void> => {
  const retries = vi.fn();
  world.sandbox.on('retry', retries);
  const contact = world.sandbox.contact(numbers.ana);
  const heard = (body: string) =>
    world.hooks.next(
      'message',
      (event) => event.session === session && (event.payload as unknown as WAMessage).body === body,
    );
  await contact.send(number, `${session}?`);
  await contact.send(group.jid, `all and ${session}?`);
  await Promise.all([heard(`${session}?`), heard(`all and ${session}?`)]);
  for (const [chatId, text] of [
    [`${numbers.ana}@c.us`, `${session} here`],
    [group.jid, `${session} to all`],
  ] as const) {
    expect((await world.api.post('/api/sendText', { session, chatId, text })).status).toBe(201);
    await contact.waitForMessage((message) => message.text === text);
  }
  expect(retries).not.toHaveBeenCalled();
  expect(world.hooks.statuses(session)).not.toContain('SCAN_QR_CODE');
};

describe.runIf(hasPostgres)('moving in from PostgreSQL', () => {
  beforeAll(async () => {
    vi.spyOn(console, 'log').mockImplementation((line) => void printed.push(String(line)));
    vi.spyOn(console, 'error').mockImplementation((line) => void printed.push(String(line)));
    [world, postgres] = await Promise.all([World.start(), PostgresServer.start()]);
    for (const number of Object.values(numbers)) world.sandbox.phone(number);
    group = world.sandbox.group({ subject: 'Club', owner: numbers.ana, participants: [numbers.own] });
    mkdirSync(instances);
    await leave('own', numbers.own);
    await keepAsDatabases();
    await keepAsRows();
    await keepAsEvolution();
  });
  afterAll(async () => {
    vi.restoreAllMocks();
    await world?.close();
    await postgres?.close();
    folder.remove();
  });

  it('refuses while another program has the database open, and says so', async () => {
    await within('evolution', async () => {
      expect(await bring('evolution', { instances })).toBe(1);
      expect(printed.join('\n')).toMatch(
        /evo: its server still runs \(1 other connections to 127\.0\.0\.1:\d+\/evolution/,
      );
    });
    expect((await world.api.get('/api/sessions?all=true')).body).toEqual([]);
  });

  it.each([
    ['databases of their own, beside the one that is named', 'postgres'],
    ['one table for all sessions', 'single'],
    ["Evolution's tables, and its folder of keys", 'evolution'],
  ])('reads from %s what the files of Baileys have', async (_, database) => {
    const found = await findPostgresSessions({ url: urlOf(database), instances });
    const session = found.find(({ problem }) => problem === null);
    expect(session).toMatchObject({ number: numbers.own, desired: 'running' });
    const { account, unreadable } = (await session?.account()) ?? { account: null };
    const { changes, damaged } = acceptAccount(account);
    expect([damaged, unreadable]).toEqual([0, []]);
    const wanted = acceptAccount(readAuthFolder(place('own')).account).changes;
    expect(JSON.parse(String(Buffer.from(changes.credentials?.value ?? [])))).toEqual(
      JSON.parse(String(Buffer.from(wanted.credentials?.value ?? []))),
    );
    expect(byName(changes.keys)).toEqual(byName(wanted.keys));
    expect(wanted.keys?.map(({ type }) => type)).toEqual(expect.arrayContaining(['session', 'sender-key', 'pre-key']));
  });

  it('says what is there, and leaves out what was never linked', async () => {
    await expect.poll(() => bring('evolution', { instances, dryRun: true })).toBe(0);
    expect(printed.join('\n')).toMatch(new RegExp(`^evo: \\+${numbers.own}, \\d+ keys$`, 'm'));
    expect(printed.join('\n')).toMatch(/^never: left out, the credentials cannot be used/m);
    expect(await bring('postgres', { dryRun: true })).toBe(0);
    expect(printed.join('\n')).toMatch(new RegExp(`^own: \\+${numbers.own}, \\d+ keys, 1 messages in 1 chats$`, 'm'));
  });

  it('takes a session over without a code, with config, messages and hidden ids', async () => {
    expect(await bring('postgres')).toBe(0);
    await world.hooks.status('own', 'WORKING');
    const { body } = await world.api.get('/api/sessions/own');
    expect(body).toMatchObject({ config: { metadata: { team: 'sales' } }, me: { id: `${numbers.own}@c.us` } });
    const messages = `/api/own/chats/${numbers.ana}@c.us/messages?filter.timestamp.lte=1700000001`;
    expect((await world.api.get(messages)).body).toMatchObject([{ body: 'long ago' }]);
    expect((await world.api.get('/api/own/lids/777000111')).body.pn).toBe('4915200029077@c.us');
    await talks('own', numbers.own);
  });

  it('names the place, and no password, when there is no database or no session', async () => {
    const nobody = `postgres://waha:secret@127.0.0.1:${postgres.port}/nothing`;
    await expect(bring('', { place: nobody })).rejects.toThrow(
      /127\.0\.0\.1:\d+\/nothing cannot be read: .*does not exist/,
    );
    await expect(bring('', { place: nobody })).rejects.not.toThrow(/secret/);
    await expect(bring('waha_noweb_none')).rejects.toThrow(/no session is in .+\/waha_noweb_none/);
    await expect(bring('', { place: 'postgres://a b' })).rejects.toThrow('is no URL like postgres://');
  });
});
