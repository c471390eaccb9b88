import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { systemClock } from '../../../core/deadline.ts';
import { openSqlite } from '../../../plugins/sqlite/open.ts';
import { expectWholeBatches } from '../../contract/database-crash.ts';
import { compiledFile } from '../../support/compiled-sources.ts';

const child = fileURLToPath(new URL('terminating-child.ts', import.meta.url));

it('keeps every acknowledged batch whole when its thread is terminated, whether the process goes on or ends', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'waha-sqlite-'));
  try {
    const stdio = ['ignore', 'pipe', 'ignore'] as const;
    const limit = { timeout: 30_000, killSignal: 'SIGKILL' } as const;
    const options = { stdio: [...stdio], cwd: folder, ...limit };
    const writer = spawn(process.execPath, [await compiledFile(child), folder], options);
    const exit = once(writer, 'exit');
    const acknowledged: number[] = [];
    for await (const line of createInterface({ input: writer.stdout! })) acknowledged.push(Number(line));
    expect([
      [0, null],
      [null, 'SIGABRT'],
      [null, 'SIGKILL'], // by the limit, on a machine that is slow
    ]).toContainEqual(await exit);
    expect(acknowledged.length).toBeGreaterThan(0);
    const database = await openSqlite({
      driver: 'sqlite',
      folder,
      file: 'waha.db',
      synchronous: 'full',
      clock: systemClock,
    });
    await expectWholeBatches(database, acknowledged);
    await database.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 60_000); // starts a process
