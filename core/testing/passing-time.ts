import type { SimulatedClock } from './simulated-clock.ts';

/** How much simulated time passes in a turn of real time (ms), while a promise is waited for. */
const simulatedTurn = 1_000;
const realTurn = 25;

const realPause = (milliseconds: number): Promise<'turn'> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds, 'turn');
  });

/** The promise; meanwhile simulated time passes, so that what waits for a time limit meets it. */
export const pumped = async <T>(work: Promise<T>, clock: SimulatedClock | null): Promise<T> => {
  if (!clock) return work;
  const settled = work.then(
    () => 'settled' as const,
    () => 'settled' as const,
  );
  for (let turn = 0; (await Promise.race([settled, realPause(realTurn)])) !== 'settled'; turn++) {
    // Disks and processes get a moment of real time before the clock of their time limits moves.
    if (turn >= 4) await clock.pass(simulatedTurn);
  }
  return work;
};

/** Resolves when it is quiet, or after a quarter of a second: some work may wait for the simulated clock. */
export const quiet = async (isQuiet: () => boolean): Promise<void> => {
  const end = performance.now() + 250;
  do await new Promise((resolve) => setImmediate(resolve));
  while (!isQuiet() && performance.now() < end);
};

/** How many sockets of this process listen. */
export const openServers = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap' || name === 'TCPSERVERWRAP').length;
