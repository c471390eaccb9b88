import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { compiledFile } from '../../../support/compiled-sources.ts';

const child = fileURLToPath(new URL('linked-child.ts', import.meta.url));
/** What ends in a moment anyway: Baileys' buffer of events, the last turns of a socket. */
const MOMENT_MS = 2000;

it('a process whose session has linked and closed is kept alive by nothing that lasts, and ends', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [await compiledFile(child)]);
  expect((JSON.parse(stdout) as number[]).filter((milliseconds) => milliseconds > MOMENT_MS)).toEqual([]);
});
