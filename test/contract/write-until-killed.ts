import { type Database, defineCollection } from 'waha-runtime';

/** Rows of batches, and the last batch of each lane. */
export const numbered = defineCollection({
  name: 'numbered',
  columns: { batch: { type: 'integer' }, part: { type: 'integer' }, filler: { type: 'bytes' } },
  key: ['batch', 'part'],
});
export const lanes = defineCollection({
  name: 'lanes',
  columns: { lane: { type: 'integer' }, last: { type: 'integer' } },
  key: ['lane'],
});
export const partsPerBatch = 3;
export const laneCount = 5;

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
