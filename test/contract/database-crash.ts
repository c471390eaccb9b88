import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect } from 'vitest';
import { type Database, defineCollection } from 'waha-runtime';

const numbered = defineCollection({
  name: 'numbered',
  columns: { batch: { type: 'integer' }, part: { type: 'integer' }, filler: { type: 'bytes' } },
  key: ['batch', 'part'],
});
const lanes = defineCollection({
  name: 'lanes',
  columns: { lane: { type: 'integer' }, last: { type: 'integer' } },
  key: ['lane'],
});
const partsPerBatch = 3;
const laneCount = 5;

/** Runs in a child process: writes numbered batches, several at a time, and prints each one that is acknowledged. */
export const writeUntilKilled = async (database: Database): Promise<void> => {
  const batches = await database.open(numbered);
  const marks = await database.open(lanes);
  const filler = new Uint8Array(100);
  const write = async (lane: number): Promise<never> => {
    for (let last = ((await marks.get({ lane }))?.last ?? lane) + laneCount; ; last += laneCount) {
      const parts = Array.from({ length: partsPerBatch }, (_, part) => batches.putting({ batch: last, part, filler }));
      await database.batch([...parts, marks.putting({ lane, last })]);
      process.stdout.write(`${last}\n`);
    }
  };
  await Promise.all(Array.from({ length: laneCount }, (_, lane) => write(lane)));
};

/** Runs the child until it acknowledged so many batches, calls `meanwhile`, kills it with SIGKILL. */
export const killWriter = async (
  child: string,
  folder: string,
  acknowledgements: number,
  meanwhile: () => Promise<void> = async () => undefined,
): Promise<number[]> => {
  const writer = spawn(process.execPath, ['--import', 'tsx', child, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
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
