import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect } from 'vitest';
import type { Database } from 'waha-runtime';
import { compiledFile } from '../support/compiled-sources.ts';
import { laneCount, lanes, numbered, partsPerBatch } from './write-until-killed.ts';

/** Runs the child until it acknowledged so many batches, calls `meanwhile`, kills it with SIGKILL. */
export const killWriter = async (
  child: string,
  folder: string,
  acknowledgements: number,
  meanwhile: () => Promise<void> = async () => undefined,
): Promise<number[]> => {
  const writer = spawn(process.execPath, [await compiledFile(child), folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(writer, 'exit');
  const acknowledged: number[] = [];
  for await (const line of createInterface({ input: writer.stdout })) {
    acknowledged.push(Number(line));
    if (acknowledged.length !== acknowledgements) continue;
    await meanwhile();
    writer.kill('SIGKILL');
  }
  expect(await exit).toEqual([null, 'SIGKILL']);
  expect(acknowledged.length).toBeGreaterThanOrEqual(acknowledgements);
  return acknowledged;
};

/** Every acknowledged batch is there, and every batch that is there is whole. */
export const expectWholeBatches = async (database: Database, acknowledged: readonly number[]): Promise<void> => {
  const batches = await database.open(numbered);
  const marks = await database.open(lanes);
  const parts = new Map<number, number>();
  for (const { batch } of await batches.find()) parts.set(batch, (parts.get(batch) ?? 0) + 1);
  expect([...parts.values()].filter((count) => count !== partsPerBatch)).toEqual([]);
  expect(acknowledged.filter((batch) => !parts.has(batch))).toEqual([]);
  for (const { lane, last } of await marks.find()) {
    expect(Math.max(...[...parts.keys()].filter((batch) => batch % laneCount === lane))).toBe(last);
  }
};
