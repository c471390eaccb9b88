import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import Libsql from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SqliteConnection } from '../../../plugins/sqlite/connection.ts';
import { openFile } from '../../../plugins/sqlite/open-file.ts';
import { headBytes, RecordDecoder, RecordEncoder, recordAt } from '../../../plugins/sqlite/redo-format.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waha-sqlite-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const longAgo = new Date('2001-01-01');
const claim = { mark: 7, again: false };
const path = (name = 'waha') => join(folder, `${name}.db`);
const open = (name = 'waha', logBytes?: number) =>
  openFile({ path: path(name), synchronous: 'full', busyTimeoutMs: 0, ...(logBytes ? { logBytes } : {}) }, claim);
const write = (to: SqliteConnection, text: string, ...values: (string | number | null)[]) =>
  to.write(['rows'], [{ text, values }]);
const create = (to: SqliteConnection) => write(to, 'CREATE TABLE rows (id TEXT PRIMARY KEY, value)');
const put = (to: SqliteConnection, id: string, value: string | number | null = null) =>
  write(to, 'INSERT OR REPLACE INTO rows VALUES (?, ?)', id, value);
const all = (from: SqliteConnection) =>
  from.read('rows', { text: 'SELECT id, value FROM rows ORDER BY id', values: [], texts: [] });
/** What a process that is killed now leaves behind, under another name. */
const killed = (name: string): string => {
  for (const end of ['', '-redo', '-journal', '-wal']) {
    if (existsSync(`${path()}${end}`)) cpSync(`${path()}${end}`, `${path(name)}${end}`);
  }
  return `${path(name)}-redo`;
};

const flip = (file: string, at: number): void => {
  const bytes = readFileSync(file);
  bytes[at] = (bytes[at] ?? 0) ^ 0xff;
  writeFileSync(file, bytes);
};

describe('records', () => {
  const value = fc.oneof(
    fc.constant(null),
    fc.string({ unit: 'grapheme' }),
    fc.double({ noNaN: true }),
    fc.maxSafeInteger(),
    fc.uint8Array(),
  );
  const statement = fc.record(
    { text: fc.constantFrom('a', 'INSERT', 'ü'), values: fc.array(value), must: fc.constantFrom('change', 'find') },
    { requiredKeys: ['text', 'values'], noNullPrototype: true },
  );

  it('are read as they were written', () => {
    fc.assert(
      fc.property(fc.array(fc.array(statement), { minLength: 1, maxLength: 5 }), (groups) => {
        const [encoder, decoder] = [new RecordEncoder(), new RecordDecoder()];
        for (const [number, statements] of groups.entries()) {
          const read = recordAt(Buffer.from(encoder.encode(number, 0, statements)), 0);
          expect(read?.number).toBe(number);
          expect(decoder.decode(read?.content ?? Buffer.alloc(0))).toEqual(statements);
        }
      }),
    );
  });

  it('are known to be torn, whichever byte is another one', () => {
    const record = Buffer.from(new RecordEncoder().encode(5, 4, [{ text: 'INSERT', values: ['x', 1] }]));
    for (let at = 0; at < record.length; at++) {
      const torn = Buffer.from(record);
      torn[at] = (torn[at] ?? 0) ^ 1;
      expect(recordAt(torn, 0), `byte ${at}`).toBeNull();
    }
    expect(record.length).toBeGreaterThan(headBytes);
  });
});

describe('a database that was not closed', () => {
  it('has everything that was acknowledged, and its log gone after it was closed', async () => {
    const first = open();
    await create(first);
    await put(first, 'a', 'Zürich \u0000 \u{1F600}');
    await put(first, 'b', -1.5);
    killed('left');
    const second = open('left');
    expect((await all(second)).map(([id]) => id)).toEqual(['a', 'b']);
    await put(second, 'c');
    await second.close();
    expect(existsSync(`${path('left')}-redo`)).toBe(false);
    const third = open('left');
    expect((await all(third)).map(([id]) => id)).toEqual(['a', 'b', 'c']);
    await Promise.all([first.close(), third.close()]);
  });

  it('has counted what was counted, and nothing that did not hold', async () => {
    const first = open();
    await create(first);
    const count = (by: number) =>
      first.write(
        ['rows'],
        [
          {
            text: 'INSERT INTO rows VALUES (?, ?) ON CONFLICT DO UPDATE SET value = value + ? RETURNING value',
            values: ['n', by, by],
            must: 'find',
          },
          { text: 'INSERT INTO rows VALUES (?, ?) ON CONFLICT DO NOTHING', values: [`once ${by}`, by], must: 'change' },
        ],
      );
    expect(await count(2)).toEqual([2, 1]);
    expect(await count(3)).toEqual([5, 1]);
    await expect(count(3)).rejects.toMatchObject({ code: 'NOT_HELD', place: 1 });
    killed('left');
    const second = open('left');
    expect(await all(second)).toEqual([
      ['n', 5],
      ['once 2', 2],
      ['once 3', 3],
    ]);
    await Promise.all([first.close(), second.close()]);
  });

  it('has the log brought to the disk before anything is read', async () => {
    const first = open();
    await create(first);
    await put(first, 'a');
    const log = killed('left');
    const before = readFileSync(log);
    utimesSync(log, longAgo, longAgo);
    const second = open('left');
    expect(statSync(log).mtime > longAgo).toBe(true);
    expect(readFileSync(log).equals(before)).toBe(true);
    await Promise.all([first.close(), second.close()]);
  });

  it('is as it was at whichever moment, over many logs, when the end of the last one is torn', async () => {
    const first = open('waha', 2_000);
    await create(first);
    for (let number = 0; number < 60; number++) {
      const before = readFileSync(`${path()}-redo`);
      await put(first, `key ${number % 7}`, 'x'.repeat(number * 5) + number);
      const log = killed(`at-${number}`);
      // The last group is on disk in part, and maybe the database has taken it over.
      if (number % 2 === 1)
        flip(
          log,
          readFileSync(log).findLastIndex((byte, at) => byte !== before[at]),
        );
      const left = open(`at-${number}`, 2_000);
      const values = (await all(left)).map(([, value]) => Number(String(value).replace(/^x+/, '')));
      const last = Math.max(...values);
      expect([number, Math.max(0, number - (number % 2))], `after ${number}`).toContain(last);
      const expected = Array.from({ length: Math.min(7, last + 1) }, (_, back) => last - back);
      expect(
        values.sort((a, b) => b - a),
        `after ${number}`,
      ).toEqual(expected);
      await left.close();
    }
    await first.close();
  });

  it('is refused without its log, until somebody says that it is lost', async () => {
    const first = open();
    await create(first);
    for (const name of ['gone', 'empty', 'other']) killed(name);
    rmSync(`${path('gone')}-redo`);
    truncateSync(`${path('empty')}-redo`);
    expect(() => open('gone')).toThrow(
      /its log .*gone\.db-redo is gone, .*: put it back, or make it a file with the word 'lost'/,
    );
    expect(() => open('empty')).toThrow(/its log .*empty\.db-redo is damaged/);
    writeFileSync(`${path('empty')}-redo`, 'lost\n');
    await open('empty').close();
    const another = open('another');
    await create(another);
    cpSync(`${path('another')}-redo`, `${path('other')}-redo`);
    expect(() => open('other')).toThrow(/other\.db-redo belongs to another database/);
    await Promise.all([first.close(), another.close()]);
  });

  it('is refused with a log that was cut, or has another byte before its last group', async () => {
    const first = open();
    await create(first);
    for (const id of ['a', 'b', 'c']) await put(first, id);
    const end = readFileSync(`${path()}-redo`).findLastIndex((byte) => byte !== 0);
    for (const cut of [end + 10, Math.floor(end / 2), 40, 3]) {
      truncateSync(killed(`cut-${cut}`), cut);
      expect(() => open(`cut-${cut}`), `cut at ${cut}`).toThrow(/its log .*-redo is damaged/);
    }
    for (const at of [60, 100, Math.floor(end / 2)]) {
      flip(killed(`flip-${at}`), at);
      expect(() => open(`flip-${at}`), `another byte at ${at}`).toThrow(/its log .*-redo is damaged/);
    }
    await first.close();
  });

  it('is refused with a log of another time', async () => {
    const first = open();
    await create(first);
    await first.close();
    cpSync(path(), path('older'));
    const again = open();
    await put(again, 'a');
    cpSync(`${path()}-redo`, `${path('older')}-redo`);
    expect(() => open('older')).toThrow(/does not go on where the database ends/);
    await again.close();
  });
});

describe('a database of an earlier version', () => {
  it('has what is in its write-ahead log, which is brought to the disk first', async () => {
    const former = new Libsql(path());
    former.pragma('journal_mode = WAL');
    former.exec("CREATE TABLE rows (id TEXT PRIMARY KEY, value); INSERT INTO rows VALUES ('a', 1)");
    killed('left');
    former.close();
    utimesSync(`${path('left')}-wal`, longAgo, longAgo);
    const now = open('left');
    expect(await all(now)).toEqual([['a', 1]]);
    expect(existsSync(`${path('left')}-wal`)).toBe(false);
    await now.close();
  });
});
