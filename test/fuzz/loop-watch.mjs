import { appendFileSync, openSync, readSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

// Loaded into the server before anything else (`--import`): writes into LOOP_WATCH_FILE how much CPU time (ms) the thread of the
// event loop took between two turns of a timer, wherever it was long. What other programs of the machine take is not in it.
const shortest = Number(process.env['LOOP_WATCH_MS'] ?? 100);
const file = process.env['LOOP_WATCH_FILE'];

/** How long the main thread has run so far (ms), by the scheduler; null where the system does not tell. */
const reader = () => {
  try {
    const stat = openSync(`/proc/self/task/${process.pid}/schedstat`, 'r');
    const bytes = Buffer.alloc(64);
    return () => Number.parseInt(bytes.toString('latin1', 0, readSync(stat, bytes, 0, 64, 0)), 10) / 1e6;
  } catch {
    return null;
  }
};

const ranMs = isMainThread && file ? reader() : null;
if (ranMs) {
  let before = ranMs();
  setInterval(() => {
    const now = ranMs();
    if (now - before >= shortest) appendFileSync(file, `${Math.round(now - before)}\n`);
    before = now;
  }, 10).unref();
}
