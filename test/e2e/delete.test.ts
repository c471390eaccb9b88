import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { World } from '../support/world.ts';

let world: World;
const phone = '4915200005001';

beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world.close());

/** The tables of all SQLite files of a folder that have a row about this session. */
const tablesWith = (folder: string, session: string): string[] =>
  readdirSync(folder)
    .filter((file) => /\.(sqlite|db)$/.test(file))
    .flatMap((file) => {
      const database = new Database(join(folder, file));
      const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all() as {
        name: string;
      }[];
      const found = tables.filter(({ name }) =>
        database
          .prepare(`SELECT * FROM "${name}"`)
          .all()
          .some((row) => JSON.stringify(row).includes(session)),
      );
      database.close();
      return found.map(({ name }) => name);
    });

describe('a delete', () => {
  it('unlinks the phone and leaves nothing of the session on disk but the events that were to be delivered', async () => {
    await world.link('gone', phone);
    await world.sandbox.contact('4915200005002').send(phone, 'remember me');
    await world.hooks.next('message');
    const from = await world.mark();
    const { status } = await world.api.delete('/api/sessions/gone');
    expect(status).toBe(200);
    await world.hooks.status('gone', 'STOPPED', from);
    expect(world.sandbox.phone(phone).devices()).toEqual([]);
    expect((await world.api.get('/api/sessions/gone')).status).toBe(404);
    expect((await world.api.delete('/api/sessions/gone')).status).toBe(200);
    expect((await world.api.post('/api/sessions', { name: 'gone', start: false })).status).toBe(201);
    await world.api.delete('/api/sessions/gone');
    await world.runtime.stop();
    const { folder } = world.outside;
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const names = files.map(({ name }) => name);
    expect(names.filter((name) => name.includes('gone'))).toEqual([]);
    const json = files.filter(({ name }) => name.endsWith('.json'));
    expect(json.length).toBeGreaterThan(0);
    for (const { parentPath, name } of json) expect(readFileSync(join(parentPath, name), 'utf8')).not.toContain('gone');
    expect(tablesWith(folder, 'gone').filter((table) => !/event|deliver|outbox/.test(table))).toEqual([]);
    expect(tablesWith(folder, 'gone')).toContain('events');
  });
});
