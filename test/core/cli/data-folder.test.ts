import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { dataFolderOf } from '../../../core/cli/data-folder.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waha-folder-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const config = (...plugins: object[]): string => {
  const file = join(folder, 'waha.config.yaml');
  writeFileSync(file, JSON.stringify({ plugins }));
  return file;
};
const database = (use: string, path?: string) => ({ use, ...(path === undefined ? {} : { config: { folder: path } }) });

describe('the folder that a backup is unpacked into', () => {
  it('is where the databases of the config file are', () => {
    expect(dataFolderOf(config(database('sqlite', './data'), database('lowdb', 'data/')))).toBe(join(folder, 'data'));
    expect(dataFolderOf(config(database('sqlite')))).toBe(join(folder, '.sessions'));
    expect(dataFolderOf(config(database('lowdb', '/srv/waha')))).toBe('/srv/waha');
  });

  it('has to be named when they are in several', () => {
    const file = config(database('sqlite', 'a'), database('lowdb', 'b'));
    expect(() => dataFolderOf(file)).toThrow(`${join(folder, 'a')} and ${join(folder, 'b')}: name the folder`);
  });

  it('is the usual one without a config file', () => {
    vi.stubEnv('WAHA_LOCAL_STORE_BASE_DIR', undefined);
    expect(dataFolderOf(join(folder, 'none.yaml'))).toBe('.sessions');
    vi.stubEnv('WAHA_LOCAL_STORE_BASE_DIR', '/srv/data');
    expect(dataFolderOf(join(folder, 'none.yaml'))).toBe('/srv/data');
  });
});
