import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openFile } from '../../../plugins/sqlite/open-file.ts';
import { WriteAheadLog } from '../../../plugins/sqlite/write-ahead-log.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waha-sqlite-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const longAgo = new Date('2001-01-01');

describe('what an earlier connection left in the log', () => {
  it('is written again as it is', () => {
    const path = join(folder, 'waha.db');
    const content = randomBytes(2_500_000);
    writeFileSync(`${path}-wal`, content);
    utimesSync(`${path}-wal`, longAgo, longAgo);
    new WriteAheadLog(path).secure();
    expect(readFileSync(`${path}-wal`).equals(content)).toBe(true);
    expect(statSync(`${path}-wal`).mtime > longAgo).toBe(true);
  });

  it('may be nothing', () => {
    const path = join(folder, 'waha.db');
    expect(() => new WriteAheadLog(path).secure()).not.toThrow();
  });

  it('is brought to the disk before anything is read', async () => {
    const from = join(folder, 'waha.db');
    const file = (path: string) => ({ path, synchronous: 'full', busyTimeoutMs: 0 }) as const;
    const first = openFile(file(from), { mark: 7, again: false });
    await first.write(['rows'], [{ text: 'CREATE TABLE rows (id TEXT)', values: [] }]);
    await first.write(['rows'], [{ text: 'INSERT INTO rows VALUES (?)', values: ['a'] }]);
    const to = join(folder, 'left.db');
    for (const end of ['', '-wal']) cpSync(`${from}${end}`, `${to}${end}`);
    await first.close();
    utimesSync(`${to}-wal`, longAgo, longAgo);
    const second = openFile(file(to), { mark: 7, again: true });
    expect(statSync(`${to}-wal`).mtime > longAgo).toBe(true);
    expect(await second.read('rows', { text: 'SELECT id FROM rows', values: [], texts: [] })).toEqual([['a']]);
    await second.close();
  });
});
