import type { Worker } from 'node:worker_threads';
import { openSqlite } from '../../../plugins/sqlite/open.ts';
import { laneCount, lanes, numbered, partsPerBatch } from '../../contract/write-until-killed.ts';

// Writes numbered batches as `writeUntilKilled` does, prints each one that is acknowledged, and terminates the thread of its
// database again and again. When that strikes libsql in the middle of making a value, libsql ends the whole process.

const folder = process.argv[2] ?? '';
const deaths = 5;
const deathEvery = 15;

let worker: Worker | undefined;
process.on('worker', (started) => {
  worker = started;
});
// Whatever the clock is asked, a minute has passed: no death follows soon on another one.
let now = Date.now();
const clock = {
  now: () => {
    now += 60_000;
    return now;
  },
  setTimeout,
  clearTimeout: (timer: unknown) => clearTimeout(timer as NodeJS.Timeout),
};
const database = await openSqlite({
  ...{ driver: 'sqlite', folder, file: 'waha.db', synchronous: 'full', busyTimeoutMs: 0, clock },
});
const batches = await database.open(numbered);
const marks = await database.open(lanes);
const filler = new Uint8Array(100);
let acknowledged = 0;
let enough = () => {};
let over = false;

const write = async (lane: number): Promise<void> => {
  for (let last = lane + laneCount; !over; ) {
    const parts = Array.from({ length: partsPerBatch }, (_, part) => batches.putting({ batch: last, part, filler }));
    try {
      await database.batch([...parts, marks.putting({ lane, last })]);
    } catch {
      await turn();
      continue;
    }
    process.stdout.write(`${last}\n`);
    acknowledged += 1;
    if (acknowledged % deathEvery === 0) enough();
    last += laneCount;
  }
};
const turn = () => new Promise((resolve) => setImmediate(resolve));

const writing = Promise.all(Array.from({ length: laneCount }, (_, lane) => write(lane)));
for (let death = 0; death < deaths; death++) {
  await new Promise<void>((resolve) => {
    enough = resolve;
  });
  await worker?.terminate();
}
over = true;
await writing;
await database.close();
