import type { SimulatedClock } from './simulated-clock.ts';

/** How much simulated time passes in a turn of real time (ms), while a promise is waited for. */
const simulatedTurn = 1_000;
const realTurn = 25;

/** Whether the promise settles within a turn of real time; leaves no timer behind. */
const settlesInTurn = async (settled: Promise<true>): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined;
  const turn = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, realTurn, false);
  });
  const first = await Promise.race([settled, turn]);
  clearTimeout(timer);
  return first;
};

/** The promise; meanwhile simulated time passes, so that what waits for a time limit meets it. */
export const pumped = async <T>(work: Promise<T>, clock: SimulatedClock | null): Promise<T> => {
  if (!clock) return work;
  const settled = work.then(
    () => true as const,
    () => true as const,
  );
  for (let turn = 0; !(await settlesInTurn(settled)); turn++) {
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
