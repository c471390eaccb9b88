/** What is alive on the heap (bytes), after everything else is collected. Needs `--expose-gc`. */
export const heapUsed = async (): Promise<number> => {
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return process.memoryUsage().heapUsed;
};
