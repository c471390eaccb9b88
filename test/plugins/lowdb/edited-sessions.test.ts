import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CollectionSessionStore } from '../../../core/stores/session-store.ts';
import { openLowdb } from '../../../plugins/lowdb/open.ts';
import { silentLog } from '../../support/log.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waha-edited-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const withStore = async <T>(use: (store: CollectionSessionStore) => Promise<T>): Promise<T> => {
  const database = await openLowdb({ driver: 'lowdb', folder, lock: false, log: silentLog });
  try {
    return await use(await CollectionSessionStore.open(database, (_, work) => work()));
  } finally {
    await database.close();
  }
};

const about = { engine: 'NOWEB', desired: 'running', me: null, createdAt: 1, updatedAt: 1 } as const;

/** Stores two sessions, lets somebody edit the file, and reads it again. */
const listAfter = async (from: string, to: string) => {
  await withStore((store) => store.put({ ...about, name: 'ana', config: {} }));
  await withStore((store) => store.put({ ...about, name: 'ben', config: { metadata: { team: 'sales' } } }));
  const path = join(folder, 'sessions.json');
  writeFileSync(path, readFileSync(path, 'utf8').replace(from, to));
  return withStore((store) => store.list());
};

/** The place that a sentence must name: the line of the session's name. */
const placeOf = (name: string): string => {
  const path = join(folder, 'sessions.json');
  const lines = readFileSync(path, 'utf8').split('\n');
  return `${path}:${lines.findIndex((line) => line.includes(`"name": "${name}"`)) + 1}: `;
};

describe('sessions.json after somebody edited it', () => {
  it('is taken as it is when it says what sessions can be', async () => {
    const records = await listAfter('"team": "sales"', '"team": "support"');
    expect(records.map(({ name, config }) => [name, config])).toEqual([
      ['ana', {}],
      ['ben', { metadata: { team: 'support' } }],
    ]);
  });

  it.each([
    ['a name that is none', '"name": "ben"', '"name": "../ben"', '../ben', 'is no name of a session'],
    ['a name that hides routes', '"name": "ben"', '"name": "apps"', 'apps', 'is no name of a session'],
    ['a name that is empty', '"name": "ben"', '"name": ""', '', 'is no name of a session'],
    ['another wish', '"desired": "running"', '"desired": "gone"', 'ana', 'must be running or stopped'],
    [
      'a config that is none',
      '"team": "sales"',
      '"team": 5',
      'ben',
      "the config of session 'ben' is wrong: metadata.team",
    ],
  ])('is refused for %s, with the line', async (_, from, to, name, words) => {
    const refusal = await listAfter(from, to).then(
      () => 'nothing',
      (error: Error) => error.message,
    );
    expect(refusal).toContain(placeOf(name));
    expect(refusal).toContain(words);
  });
});
