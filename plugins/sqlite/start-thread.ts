import { Worker } from 'node:worker_threads';
import type { Beginning } from './calls.ts';

/** Starts a thread that opens a file. */
export type StartThread = (beginning: Beginning) => Worker;

/** Node loads no TypeScript: in a checkout the thread's few files are compiled here, once. */
export const prepareThread = async (): Promise<StartThread> => {
  const options = { name: 'sqlite', execArgv: [] };
  if (import.meta.url.endsWith('.js')) {
    return (workerData) => new Worker(new URL('./thread.js', import.meta.url), { ...options, workerData });
  }
  const { compileThread } = await import('./thread-from-sources.ts');
  const script = compileThread();
  return (workerData) => new Worker(script, { ...options, workerData, eval: true });
};
