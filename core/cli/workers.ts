import cluster, { type Worker } from 'node:cluster';
import { type BackoffLimits, backoff } from '../backoff.ts';
import { configInvalid } from '../errors.ts';
import { Points } from '../tokens.ts';
import { type CheckOptions, plan } from './check.ts';

export interface WorkersOptions extends CheckOptions {
  /** How many processes. */
  readonly count: number;
}

/** How long a worker that ended is waited for, before another one takes its place (ms). */
const pauses: BackoffLimits = { first: 500, longest: 30_000 };
/** A worker that ran for so long begins anew with the shortest pause (ms). */
const stable = 60_000;

/**
 * `waha start --workers`: several processes of one deployment on one port, each a member of the cluster that the config describes.
 * This process holds the port and starts them again. Resolves with the exit code when all have ended.
 */
export const startWorkers = async ({ count, ...options }: WorkersOptions): Promise<number> => {
  const { order } = await plan(options);
  if (!order.some(({ plugin }) => plugin.contributesFirst?.includes(Points.Ownership))) {
    throw configInvalid(
      '--workers needs several processes on one database: the plugins `cluster` and `postgres`, as in configs/cluster.yaml',
    );
  }
  return new Workers(count).run();
};

class Workers {
  readonly #count: number;
  #failures = 0;
  #isReady = false;
  #code: number | null = null;
  #end: (code: number) => void = () => undefined;

  constructor(count: number) {
    this.#count = count;
  }

  run(): Promise<number> {
    // The first one makes the tables, and a key where there is none; the others find both.
    cluster.on('listening', () => this.#others());
    cluster.on('exit', (worker, code, signal) => this.#ended(worker, signal === null ? code : 1));
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => this.#stop(0));
    process.on('SIGHUP', () => this.#tell('SIGHUP'));
    const ended = new Promise<number>((resolve) => {
      this.#end = resolve;
    });
    this.#fork();
    return ended;
  }

  #fork(): void {
    if (this.#code !== null) return;
    const began = performance.now();
    cluster.fork().once('exit', () => {
      if (performance.now() - began >= stable) this.#failures = 0;
    });
  }

  #others(): void {
    if (this.#isReady) return;
    this.#isReady = true;
    for (let count = 1; count < this.#count; count++) this.#fork();
  }

  #ended(worker: Worker, code: number): void {
    // One that cannot start at all says why; one that was asked to stop stops everything.
    if (this.#code === null && (!this.#isReady || code === 0)) this.#stop(code);
    if (this.#code !== null) {
      if (Object.keys(cluster.workers ?? {}).length === 0) this.#end(this.#code);
      return;
    }
    const pause = backoff(++this.#failures, pauses);
    console.error(`worker ${worker.process.pid} ended unexpectedly; another one starts in ${pause} ms`);
    setTimeout(() => this.#fork(), pause);
  }

  #stop(code: number): void {
    const isFirst = this.#code === null;
    this.#code ??= code;
    // Asked again, they end at once.
    this.#tell('SIGTERM');
    if (isFirst && Object.keys(cluster.workers ?? {}).length === 0) this.#end(code);
  }

  #tell(signal: 'SIGTERM' | 'SIGHUP'): void {
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill(signal);
  }
}
