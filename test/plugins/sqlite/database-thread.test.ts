import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DatabaseThread } from '../../../plugins/sqlite/database-thread.ts';
import type { SqliteFile } from '../../../plugins/sqlite/open-file.ts';
import { prepareThread } from '../../../plugins/sqlite/start-thread.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waha-sqlite-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = (name = 'waha.db') => ({ path: join(folder, name), synchronous: 'full', busyTimeoutMs: 0 }) as const;
const open = async (of: SqliteFile): Promise<DatabaseThread> => {
  const start = await prepareThread();
  const thread = new DatabaseThread(start({ file: of, claim: { mark: 1, again: false } }));
  try {
    await thread.opened;
  } catch (error) {
    await thread.ended;
    throw error;
  }
  return thread;
};
const statement = (text: string, ...values: (string | Uint8Array)[]) => ({ text, values });
const all = { text: 'SELECT CAST(id AS BLOB), data FROM rows ORDER BY id', values: [], texts: [0] };

describe('the thread of a database', () => {
  it('can be asked before the file is open', async () => {
    const start = await prepareThread();
    const thread = new DatabaseThread(start({ file: file(), claim: { mark: 1, again: false } }));
    const creating = thread.write(['rows'], [statement('CREATE TABLE rows (id TEXT, data BLOB)')]);
    expect(await thread.read('rows', all)).toEqual([]);
    expect(await creating).toHaveLength(1);
    await thread.close();
  });

  it('takes what is asked in one turn in its order', async () => {
    const thread = await open(file());
    const [, written, rows, removed] = await Promise.all([
      thread.write(['rows'], [statement('CREATE TABLE rows (id TEXT, data BLOB)')]),
      thread.write(['rows'], [statement('INSERT INTO rows VALUES (?, ?)', 'a\0b', new Uint8Array([1]))]),
      thread.read('rows', all),
      thread.write(['rows'], [statement('DELETE FROM rows'), statement('DELETE FROM rows')]),
    ]);
    expect([written, removed]).toEqual([[1], [1, 0]]);
    expect(rows).toEqual([['a\0b', new Uint8Array([1])]]);
    await thread.close();
  });

  it('brings many rows over in parts, all of the moment of the question', async () => {
    const start = await prepareThread();
    const worker = start({ file: file(), claim: { mark: 1, again: false } });
    const thread = new DatabaseThread(worker);
    await thread.write(['rows'], [statement('CREATE TABLE rows (id INTEGER, data TEXT)')]);
    const count = 2_000;
    const many = Array.from({ length: count }, (_, id) => ({
      text: 'INSERT INTO rows VALUES (?, ?)',
      values: [id, 'x'],
    }));
    await thread.write(['rows'], many);
    const lengths: number[] = [];
    worker.on('message', (replies: { value?: { rows?: unknown[] } }[]) => {
      for (const { value } of replies) if (value?.rows) lengths.push(value.rows.length);
    });
    const question = { text: 'SELECT id FROM rows ORDER BY id', values: [], texts: [] };
    const [rows, few] = await Promise.all([
      thread.read('rows', question),
      thread.read('rows', { ...question, text: 'SELECT id FROM rows WHERE id < 3 ORDER BY id' }),
      thread.write(['rows'], [statement('DELETE FROM rows')]),
    ]);
    expect(rows.map(([id]) => id)).toEqual(many.map(({ values: [id] }) => id));
    expect(few).toEqual([[0], [1], [2]]);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(250);
    await thread.close();
  });

  it('answers a statement that fails with its error, and goes on', async () => {
    const thread = await open(file());
    await expect(thread.read('rows', all)).rejects.toMatchObject({ code: 'SQLITE_ERROR', message: /no such table/ });
    await thread.write(['rows'], [statement('CREATE TABLE rows (id TEXT, data BLOB)')]);
    expect(await thread.read('rows', all)).toEqual([]);
    await thread.close();
  });

  it('says with its code why a file cannot be opened, and frees it when it closes', async () => {
    const first = await open(file());
    await expect(open(file())).rejects.toMatchObject({ code: 'SQLITE_BUSY' });
    await first.close();
    await (await open(file())).close();
    await expect(open(file('no/folder'))).rejects.toThrow();
  });

  it('answers what was asked before it closes, and refuses what comes after', async () => {
    const thread = await open(file());
    const creating = thread.write(['rows'], [statement('CREATE TABLE rows (id TEXT, data BLOB)')]);
    const closing = thread.close();
    expect(await creating).toHaveLength(1);
    await closing;
    await expect(thread.read('rows', all)).rejects.toThrow('its thread has ended');
  });

  it('fails what was asked, and all that is asked later, when it dies', async () => {
    const started = once(process, 'worker') as Promise<[Worker]>;
    const thread = await open(file());
    const [worker] = await started;
    const asked = thread.write(['rows'], [statement('CREATE TABLE rows (id TEXT, data BLOB)')]);
    const failing = expect(asked).rejects.toThrow('its thread has ended');
    await worker.terminate();
    await failing;
    await expect(thread.read('rows', all)).rejects.toThrow('its thread has ended');
    await (await open(file())).close();
  });
});
