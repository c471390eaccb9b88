import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { sweepTemporaryFolders, temporaryFolder } from '../../core/temporary-folders.ts';

const folder = mkdtempSync(join(tmpdir(), 'waha-temporary-'));
beforeAll(() => vi.stubEnv('TMPDIR', folder));
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

it('temporary folders of processes that are gone are removed, and no others', async () => {
  const { pid: gone } = spawnSync(process.execPath, ['--version']);
  const own = await temporaryFolder('upload');
  const make = (name: string): string => {
    const path = join(folder, name);
    mkdirSync(path);
    writeFileSync(join(path, 'file'), 'half');
    return path;
  };
  const left = [`waha-${gone}-00112233-upload-abcdef`, `waha-${process.pid}-00112233-send-abcdef`].map(make);
  const others = [`waha-${process.ppid}-00112233-upload-abcdef`, `waha-${gone}-notes`, 'waha-upload-abcdef'].map(make);
  expect(await sweepTemporaryFolders()).toBe(2);
  expect(left.filter(existsSync)).toEqual([]);
  expect([own, ...others].filter((path) => !existsSync(path))).toEqual([]);
});
