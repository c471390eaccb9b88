import { isAbsolute } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { findConfig } from '../../../core/cli/find-config.ts';
import { loadConfig } from '../../../core/config/load.ts';
import { temporaryFolder } from '../../support/deployment.ts';

const folder = temporaryFolder();
const before = process.cwd();
afterEach(() => {
  vi.restoreAllMocks();
  process.chdir(before);
  folder.remove();
});

it('a config of the package is found in any folder, and nothing else is', () => {
  expect(findConfig('configs/sandbox.yaml')).toBe('configs/sandbox.yaml');
  process.chdir(folder.path);
  const found = findConfig('configs/sandbox.yaml');
  expect(isAbsolute(found)).toBe(true);
  expect(loadConfig(found, { env: { WAHA_API_KEY: 'key' } }).value.plugins.map(({ use }) => use)).toContain('sandbox');
  for (const other of [
    'configs/none.yaml',
    'waha.config.yaml',
    'package.json',
    'configs/../package.json',
    '/configs/sandbox.yaml',
  ]) {
    expect(findConfig(other)).toBe(other);
  }
});
