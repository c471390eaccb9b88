import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Database, defineCollection } from '../../../core/index.ts';
import lowdb from '../../../plugins/lowdb/index.ts';
import { openLowdb } from '../../../plugins/lowdb/open.ts';
import { recordingLog } from '../../support/log.ts';

const notes = defineCollection({
  name: 'notes',
  columns: { id: { type: 'text' }, extra: { type: 'json' }, data: { type: 'bytes', nullable: true } },
  key: ['id'],
});
const tags = defineCollection({ name: 'tags', columns: { id: { type: 'text' } }, key: ['id'] });
const note = (id: string) => ({ id, extra: null, data: null });

let folder = '';
let database: Database;
let log: ReturnType<typeof recordingLog>;
const path = (name: string) => join(folder, name);
const read = (name: string): unknown => JSON.parse(readFileSync(path(name), 'utf8'));
const open = () => openLowdb({ driver: 'lowdb', folder, lock: true, log, lockWaitMs: 10 });
const reopen = async () => {
  await database.close();
  database = await open();
};
const ids = async () => (await (await database.open(notes)).find()).map(({ id }) => id);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'waha-lowdb-'));
  log = recordingLog();
  database = await open();
});
afterEach(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

describe('a collection', () => {
  it('has nothing of what was removed in any generation, also after a restart', async () => {
    const rows = await database.open(notes);
    for (const id of ['kept', 'a-secret', 'another-secret']) await rows.put(note(id));
    const files = () =>
      readdirSync(folder)
        .map((name) => readFileSync(path(name), 'utf8'))
        .join();
    await rows.remove({ id: 'a-secret' });
    expect(files()).not.toContain('a-secret');
    await reopen();
    await (await database.open(notes)).remove({ id: 'another-secret' });
    expect(files()).not.toContain('another-secret');
    expect(await ids()).toEqual(['kept']);
  });

  it('is one JSON file that people can read, for the owner only', async () => {
    const rows = await database.open(notes);
    await rows.put({ id: 'a', extra: { deep: [1] }, data: Uint8Array.from(Buffer.from('hello')) });
    expect(read('notes.json')).toEqual({
      collection: 'notes',
      key: ['id'],
      columns: notes.columns,
      rows: [{ id: 'a', extra: { deep: [1] }, data: 'aGVsbG8=' }],
    });
    expect(readFileSync(path('notes.json'), 'utf8')).toContain('\n      "id": "a"');
    expect(statSync(path('notes.json')).mode & 0o777).toBe(0o600);
  });

  it('takes what people edited', async () => {
    await (await database.open(notes)).put(note('a'));
    await database.close();
    writeFileSync(path('notes.json'), readFileSync(path('notes.json'), 'utf8').replace('"a"', '"edited"'));
    database = await open();
    expect(await ids()).toEqual(['edited']);
  });

  it('leaves its previous generation beside it', async () => {
    const rows = await database.open(notes);
    await rows.put(note('a'));
    await rows.put(note('b'));
    expect((read('notes.json.bak') as { rows: unknown[] }).rows).toHaveLength(1);
  });
});

describe('a file that cannot be read', () => {
  const write = async (): Promise<void> => {
    const rows = await database.open(notes);
    await rows.put(note('a'));
    await rows.put(note('b'));
    await database.close();
  };
  const damages: [string, string][] = [
    ['is cut off', '{"collection": "not'],
    ['is empty', ''],
    ['is another collection', '{"collection": "tags", "key": ["id"], "columns": {}, "rows": []}'],
    [
      'has a row of the wrong type',
      '{"collection":"notes","key":["id"],"columns":{"id":{"type":"text"}},"rows":[{"id":1}]}',
    ],
  ];

  it.each(damages)('because it %s gives way to the previous generation, with a warning', async (_, content) => {
    await write();
    writeFileSync(path('notes.json'), content);
    database = await open();
    expect(await ids()).toEqual(['a']);
    expect(log.lines).toMatchObject([{ level: 'warn', fields: { file: path('notes.json') } }]);
    expect(readFileSync(path('notes.json.damaged'), 'utf8')).toBe(content);
    await reopen();
    expect(await ids()).toEqual(['a']);
    expect(log.lines).toHaveLength(1);
  });

  it('because a byte of a value is another one gives way to the previous generation, too', async () => {
    await write();
    const content = readFileSync(path('notes.json'));
    const at = content.lastIndexOf('"b"') + 1;
    content.fill((content[at] ?? 0) ^ 0xff, at, at + 1);
    writeFileSync(path('notes.json'), content);
    database = await open();
    expect(await ids()).toEqual(['a']);
    expect(log.lines).toMatchObject([{ level: 'warn', fields: { file: path('notes.json') } }]);
  });

  it('because it is gone gives way to the previous generation, too', async () => {
    await write();
    rmSync(path('notes.json'));
    database = await open();
    expect(await ids()).toEqual(['a']);
  });

  it('and whose previous generation cannot be read either is an error that names it', async () => {
    await write();
    writeFileSync(path('notes.json'), 'x');
    writeFileSync(path('notes.json.bak'), 'y');
    database = await open();
    await expect(ids()).rejects.toThrow(`[lowdb] ${path('notes.json')} cannot be read, nor can`);
    // In one line, although the parser quotes the lines of the file.
    writeFileSync(path('notes.json'), '{\n  "rows": [\n    \u0001\n  ]\n}\n');
    await expect(ids()).rejects.toThrow(/^[^\n]+$/);
    writeFileSync(path('notes.json'), 'x');
    expect(readFileSync(path('notes.json'), 'utf8')).toBe('x');
  });
});

describe('a crash in a batch over two collections', () => {
  const document = (collection: string, id: string) => ({
    collection,
    key: ['id'],
    columns: collection === 'notes' ? notes.columns : tags.columns,
    rows: [collection === 'notes' ? note(id) : { id }],
  });
  const tagIds = async () => (await (await database.open(tags)).find()).map(({ id }) => id);

  it('is completed from the journal', async () => {
    const [rows, others] = [await database.open(notes), await database.open(tags)];
    await database.batch([rows.putting(note('old')), others.putting({ id: 'old' })]);
    await database.close();
    writeFileSync(
      path('.journal.json'),
      JSON.stringify({ documents: [document('notes', 'new'), document('tags', 'new')] }),
    );
    database = await open();
    expect([await ids(), await tagIds()]).toEqual([['new'], ['new']]);
    expect(existsSync(path('.journal.json'))).toBe(false);
  });

  it('left nothing when the journal was not finished', async () => {
    const [rows, others] = [await database.open(notes), await database.open(tags)];
    await database.batch([rows.putting(note('old')), others.putting({ id: 'old' })]);
    await database.close();
    writeFileSync(path('.journal.json'), '{"documents": [{"coll');
    database = await open();
    expect([await ids(), await tagIds()]).toEqual([['old'], ['old']]);
    expect(log.lines).toMatchObject([{ level: 'warn', fields: { file: path('.journal.json') } }]);
  });

  it('leaves no journal when there was none', async () => {
    const [rows, others] = [await database.open(notes), await database.open(tags)];
    await database.batch([rows.putting(note('a')), others.putting({ id: 'a' })]);
    expect(readdirSync(folder).sort()).toEqual(['.collections.json', '.lowdb.lock', 'notes.json', 'tags.json']);
  });
});

describe('a write that fails', () => {
  it('half-way leaves a journal, from which a crashed process would complete it', async () => {
    const [rows, others] = [await database.open(notes), await database.open(tags)];
    mkdirSync(join(path('tags.json'), 'in-the-way'), { recursive: true });
    const failing = database.batch([rows.putting(note('a')), others.putting({ id: 'a' })]);
    await expect(failing).rejects.toThrow();
    const crashed = mkdtempSync(join(tmpdir(), 'waha-lowdb-'));
    for (const name of ['notes.json', '.journal.json']) copyFileSync(path(name), join(crashed, name));
    rmSync(path('tags.json'), { recursive: true });
    const later = await openLowdb({ driver: 'lowdb', folder: crashed, lock: true, log });
    expect(await (await later.open(notes)).find()).toEqual([note('a')]);
    expect(await (await later.open(tags)).find()).toEqual([{ id: 'a' }]);
    await later.close();
    rmSync(crashed, { recursive: true });
  });

  it('rejects, is taken back, and is overwritten by the next one', async () => {
    const [rows, others] = [await database.open(notes), await database.open(tags)];
    await rows.put(note('kept'));
    mkdirSync(join(path('tags.json'), 'in-the-way'), { recursive: true });
    const failing = database.batch([rows.putting(note('lost')), others.putting({ id: 'lost' })]);
    await expect(failing).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    expect(await rows.find()).toEqual([note('kept')]);
    rmSync(path('tags.json'), { recursive: true });
    await others.put({ id: 'next' });
    await reopen();
    expect(await ids()).toEqual(['kept']);
    expect(await (await database.open(tags)).find()).toEqual([{ id: 'next' }]);
  });
});

describe('the folder', () => {
  it('is refused while somebody has it open', async () => {
    await expect(open()).rejects.toThrow(`[lowdb] the folder ${folder} is in use by another process`);
  });

  it('that cannot be made is an error that names plugin and folder', async () => {
    writeFileSync(path('file'), '');
    const opening = openLowdb({ driver: 'my-lowdb', folder: path('file/sub'), lock: true, log });
    await expect(opening).rejects.toThrow(`[my-lowdb] the folder ${path('file/sub')} cannot be written to: ENOTDIR`);
  });

  it('of the plugin is beside the YAML file', async () => {
    const contributed: Database[] = [];
    const closing: (() => unknown)[] = [];
    await lowdb.setup({
      name: 'storage',
      config: { folder: '.sessions', lock: true },
      baseDir: folder,
      log,
      contribute: (_: unknown, value: Database) => contributed.push(value),
      onClose: (hook: () => unknown) => closing.push(hook),
    } as never);
    await (await contributed[0]?.open(notes))?.put(note('a'));
    expect(readdirSync(path('.sessions'))).toContain('notes.json');
    await closing[0]?.();
    await expect(contributed[0]?.batch([])).rejects.toThrow('[storage] the database is closed');
  });
});

describe('a copy', () => {
  it('has what was saved before, in files that a start finds', async () => {
    const rows = await database.open(notes);
    await rows.put(note('1'));
    await (await database.open(tags)).put({ id: 'x' });
    const copy = mkdtempSync(join(tmpdir(), 'waha-lowdb-copy-'));
    try {
      const late = rows.put(note('2'));
      await database.copyTo?.(copy);
      await late;
      await rows.put(note('3'));
      const other = await openLowdb({ driver: 'lowdb', folder: copy, lock: true, log, lockWaitMs: 10 });
      expect(other.missing ?? []).toEqual([]);
      expect((await (await other.open(notes)).find()).map(({ id }) => id)).toEqual(expect.arrayContaining(['1']));
      expect(await (await other.open(tags)).count()).toBe(1);
      expect(await (await other.open(notes)).count({ id: '3' })).toBe(0);
      await other.close();
    } finally {
      rmSync(copy, { recursive: true });
    }
  });
});
