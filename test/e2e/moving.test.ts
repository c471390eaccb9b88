import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Libsql from 'libsql';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { exportSession } from '../../core/cli/remote/export-session.ts';
import { importSessions } from '../../core/cli/remote/import-sessions.ts';
import { Server } from '../../core/cli/remote/server.ts';
import type { WAMessage } from '../../core/index.ts';
import { builtins } from '../../plugins/index.ts';
import type { Group } from '../../plugins/sandbox/sandbox.ts';
import { apiKey, temporaryFolder } from '../support/deployment.ts';
import { StockBaileys } from '../support/stock-baileys.ts';
import { World } from '../support/world.ts';

const numbers = { shop: '4915200009001', depot: '4915200009002', ana: '4915200009003', fresh: '4915200009004' };
const folder = temporaryFolder();
const noweb = join(folder.path, '.sessions/noweb');
const place = (name: string) => join(noweb, name);

let world: World;
let group: Group;
const printed: string[] = [];

/** As if its server had stopped long ago. */
const age = (name: string): void => {
  const then = new Date(Date.now() - 3_600_000);
  for (const file of readdirSync(place(name))) utimesSync(join(place(name), file), then, then);
};

const bring = (options: Partial<Parameters<typeof importSessions>[0]> = {}) =>
  importSessions({
    server: new Server({ url: world.api.url, apiKey }),
    builtins,
    place: join(folder.path, '.sessions'),
    ...options,
  });

/** A linked account that has been spoken to, alone and in a group, as stock Baileys leaves it. */
const leave = async (name: string, number: string, config: object): Promise<void> => {
  mkdirSync(place(name), { recursive: true });
  const bot = new StockBaileys(world.sandbox, place(name));
  await bot.link(number);
  const contact = world.sandbox.contact(numbers.ana);
  const [alone, together] = [bot.text('hello'), bot.text('hello all')];
  await contact.send(number, 'hello');
  await contact.send(group.jid, 'hello all');
  await Promise.all([alone, together]);
  await bot.socket.sendMessage(`${numbers.ana}@s.whatsapp.net`, { text: 'from the old server' });
  await bot.stop();
  writeFileSync(join(place(name), '.waha.session.config.json'), JSON.stringify(config));
};

/** WAHA's store of a session, as far as it has been spoken to. */
const keepStore = (name: string): void => {
  const database = new Libsql(join(place(name), 'store.sqlite3'));
  const chat = `${numbers.ana}@s.whatsapp.net`;
  database.exec(
    'CREATE TABLE contacts (id TEXT, data TEXT); CREATE TABLE chats (id TEXT, conversationTimestamp INTEGER, data TEXT);' +
      'CREATE TABLE messages (jid TEXT, id TEXT, messageTimestamp INTEGER, data TEXT); CREATE TABLE lid_map (id TEXT, pn TEXT);',
  );
  const put = (table: string, ...values: (string | number)[]) =>
    database.prepare(`INSERT INTO ${table} VALUES (${values.map(() => '?').join()})`).run(...values);
  put('contacts', chat, JSON.stringify({ id: chat, name: 'Ana', notify: 'ana' }));
  put('chats', chat, 1_700_000_000, JSON.stringify({ id: chat, conversationTimestamp: 1_700_000_000, unreadCount: 2 }));
  const key = { remoteJid: chat, fromMe: false, id: 'OLD1' };
  const message = { key, messageTimestamp: 1_700_000_000, status: 'READ', message: { conversation: 'long ago' } };
  put('messages', chat, 'OLD1', 1_700_000_000, JSON.stringify(message));
  put('lid_map', '777000111@lid', '4915200009077@s.whatsapp.net');
  database.close();
};

beforeAll(async () => {
  vi.spyOn(console, 'log').mockImplementation((line) => void printed.push(String(line)));
  vi.spyOn(console, 'error').mockImplementation((line) => void printed.push(String(line)));
  world = await World.start();
  for (const number of Object.values(numbers)) world.sandbox.phone(number);
  group = world.sandbox.group({
    subject: 'Club',
    owner: numbers.ana,
    participants: [numbers.shop, numbers.depot],
  });
  await leave('shop', numbers.shop, { metadata: { team: 'sales' }, noweb: { store: { enabled: true } }, apps: [] });
  await leave('depot', numbers.depot, {});
  keepStore('shop');
  mkdirSync(place('never'));
  writeFileSync(join(place('never'), 'creds.json'), '{"noiseKey":');
});
afterAll(async () => {
  vi.restoreAllMocks();
  await world?.close();
  folder.remove();
});

describe('moving in without a scan', () => {
  it('refuses while the old server may still run, and changes nothing', async () => {
    expect(await bring()).toBe(1);
    expect(printed.join('\n')).toMatch(/shop: its server still runs \(.+ was written \d+ seconds ago\)/);
    expect((await world.api.get('/api/sessions?all=true')).body).toEqual([]);
  });

  it('says what it found, and changes nothing when asked only that', async () => {
    age('shop');
    age('depot');
    printed.length = 0;
    expect(await bring({ dryRun: true })).toBe(0);
    const said = printed.join('\n');
    expect(said).toMatch(new RegExp(`shop: \\+${numbers.shop}, \\d+ keys, 1 messages in 1 chats`));
    expect(said).toMatch(new RegExp(`depot: \\+${numbers.depot}, \\d+ keys$`, 'm'));
    expect(said).toMatch(/never: left out, .+creds\.json cannot be read/);
    expect((await world.api.get('/api/sessions?all=true')).body).toEqual([]);
  });

  it('is WORKING without a code, with its config, and never shows one', async () => {
    expect(await bring()).toBe(0);
    await Promise.all(['shop', 'depot'].map((name) => world.hooks.status(name, 'WORKING')));
    expect(world.hooks.statuses('shop')).not.toContain('SCAN_QR_CODE');
    const { body } = await world.api.get('/api/sessions/shop');
    expect(body).toMatchObject({ config: { metadata: { team: 'sales' } }, me: { id: `${numbers.shop}@c.us` } });
    expect(world.sandbox.phone(numbers.shop).devices()).toHaveLength(1);
  });

  it('reads what comes, alone and in a group with the keys that were handed out before, and is read', async () => {
    const contact = world.sandbox.contact(numbers.ana);
    const retries = vi.fn();
    world.sandbox.on('retry', retries);
    const heard = (body: string) =>
      world.hooks.next(
        'message',
        (event) => event.session === 'shop' && (event.payload as unknown as WAMessage).body === body,
      );
    await contact.send(numbers.shop, 'still there?');
    await contact.send(group.jid, 'and you all?');
    await Promise.all([heard('still there?'), heard('and you all?')]);
    await world.api.post('/api/sendText', { session: 'shop', chatId: `${numbers.ana}@c.us`, text: 'yes' });
    await world.api.post('/api/sendText', { session: 'shop', chatId: group.jid, text: 'all here' });
    await contact.waitForMessage(({ text }) => text === 'yes');
    await contact.waitForMessage(({ text }) => text === 'all here');
    expect(retries).not.toHaveBeenCalled();
  });

  it('brings chats, messages, contacts and hidden ids of the store along', async () => {
    const chat = `/api/shop/chats/${numbers.ana}@c.us`;
    const { body } = await world.api.get(`${chat}/messages?limit=100&filter.timestamp.lte=1700000001`);
    expect(body).toMatchObject([{ body: 'long ago', fromMe: false, ackName: 'READ' }]);
    expect((await world.api.get(`/api/contacts?session=shop&contactId=${numbers.ana}@c.us`)).body.name).toBe('Ana');
    expect((await world.api.get('/api/shop/lids/777000111')).body.pn).toBe('4915200009077@c.us');
  });

  it('refuses a session that has an account, and data that hold none', async () => {
    printed.length = 0;
    expect(await bring({ only: ['shop'] })).toBe(1);
    expect(printed.join('\n')).toContain("session 'shop' has an account already");
    const data = Buffer.from('{"format":"waha-session","version":1,"account":{"creds":{}}}').toString('base64');
    expect(await world.api.post('/api/sessions/empty/import', { data })).toMatchObject({ status: 422 });
    expect((await world.api.get('/api/sessions/empty')).status).toBe(404);
    for (const junk of ['!', Buffer.from('{}').toString('base64'), Buffer.from([0x1f, 0x8b, 1]).toString('base64')]) {
      expect((await world.api.post('/api/sessions/empty/import', { data: junk })).status).toBe(400);
    }
  });
});

describe('moving out', () => {
  it('exports a stopped session, encrypted, and another server goes on with it', async () => {
    const server = new Server({ url: world.api.url, apiKey });
    const out = join(folder.path, 'depot.waha-session');
    const passphrase = 'correct horse';
    await expect(exportSession({ server, builtins, name: 'depot', out, passphrase })).rejects.toThrow('STOPPED');
    await exportSession({ server, builtins, name: 'depot', out, passphrase, stop: true });
    const name = 'depot-2';
    await expect(bring({ place: out, name, passphrase })).rejects.toThrow("session 'depot' is this very device");
    await world.api.delete('/api/sessions/depot');
    await expect(bring({ place: out, name, passphrase: 'wrong horse' })).rejects.toThrow('passphrase is wrong');
    const from = await world.mark();
    await bring({ place: out, name, passphrase });
    await world.hooks.status(name, 'WORKING', from);
    await world.sandbox.contact(numbers.ana).send(numbers.depot, 'moved?');
    await world.hooks.next('message', ({ session }) => session === name, from);
  });

  it('says what to do with an address that is no folder and no PostgreSQL', async () => {
    const redis = bring({ place: 'redis://user:secret@localhost:6379' });
    await expect(redis).rejects.toThrow(/^Redis is not read: .*docs\/moving\.md/);
    await expect(redis).rejects.not.toThrow('secret');
    await expect(bring({ place: 'mongodb+srv://x' })).rejects.toThrow(/^mongodb\+srv:\/\/ is not read; what can/);
  });

  it('exports a session as the files of Baileys, which goes on with them', async () => {
    const server = new Server({ url: world.api.url, apiKey });
    const files = join(folder.path, 'as-files');
    await exportSession({ server, builtins, name: 'shop', folder: files, stop: true });
    expect(existsSync(join(files, 'creds.json'))).toBe(true);
    const bot = new StockBaileys(world.sandbox, files);
    await bot.resume();
    const heard = bot.text('to the files');
    await world.sandbox.contact(numbers.ana).send(numbers.shop, 'to the files');
    await heard;
    await bot.stop();
    rmSync(files, { recursive: true });
  });
});
