import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DataFolders, type Trial, trialsOf } from '../corruption/corrupt.ts';

let folders: DataFolders;
beforeAll(async () => {
  folders = await DataFolders.make();
});
afterAll(() => folders.close());

const clean = { before: 'clean', at: 0.5 } as const;
const killed = { before: 'killed', at: 0.5 } as const;

describe('a start on damaged data', { timeout: 240_000 }, () => {
  it.each<[Trial, string, RegExp]>([
    [{ ...clean, files: ['waha.db'], damage: 'removed' }, 'refused', /waha\.db, is empty, but it has held data before/],
    [{ ...clean, files: ['waha.db'], damage: 'emptied' }, 'refused', /waha\.db, is empty, .* --accept-data-loss/],
    [{ ...clean, files: ['waha.db'], damage: 'truncated' }, 'refused', /waha\.db is damaged: .*sqlite3 ".*" \.recover/],
    [{ ...killed, files: ['waha.db'], damage: 'removed' }, 'refused', /waha\.db is gone, and its log/],
    [{ ...killed, files: ['waha.db-redo'], damage: 'emptied' }, 'refused', /its log .*waha\.db-redo is damaged/],
    [{ ...killed, files: ['waha.db-redo'], damage: 'removed' }, 'refused', /its log .*waha\.db-redo is gone/],
    [{ ...killed, files: ['waha.db-redo'], damage: 'truncated' }, 'refused', /its log .*waha\.db-redo is damaged/],
    [
      { ...clean, files: ['sessions.json', 'sessions.json.bak'], damage: 'removed' },
      'refused',
      /sessions\.json.* are gone/,
    ],
    [
      { ...clean, files: ['sessions.json', 'sessions.json.bak'], damage: 'emptied' },
      'refused',
      /sessions\.json cannot be/,
    ],
    [{ ...clean, files: ['sessions.json'], damage: 'truncated' }, 'whole', /its previous generation is used/],
    [{ ...clean, files: ['.collections.json'], damage: 'removed' }, 'whole', /WORKING/],
  ])('%j', async (trial, outcome, words) => {
    const start = await folders.try(trial);
    expect(start).toMatchObject({ outcome, said: expect.stringMatching(words) });
  });

  it('goes on without what is gone when it is told to', async () => {
    const without = await folders.try({ ...clean, files: ['waha.db'], damage: 'removed' }, true);
    // The session is there and its account is not: it shows a code.
    expect(without.said).toContain('SCAN_QR_CODE');
  });

  it('is whole, or refused in a sentence that names the place, whatever was damaged', async () => {
    const wrong: unknown[] = [];
    for (const trial of trialsOf(folders, 24, 20261128)) {
      const start = await folders.try(trial);
      if (start.outcome === 'wrong') wrong.push(start);
    }
    expect(wrong).toEqual([]);
  });
});
