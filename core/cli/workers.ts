import cluster, { type Worker } from 'node:cluster';
import { type BackoffLimits, backoff } from '../backoff.ts';
import { configInvalid } from '../errors.ts';
import { Points } from '../tokens.ts';
import { type CheckOptions, plan } from './check.ts';

export interface WorkersOptions extends CheckOptions {
  /** How many processes. */
  readonly count: number;
}

/** The environment variable by which a worker knows its place, from 1 on: its successor has the same. */
export const placeVariable = 'WAHA_WORKER_PLACE';

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
  readonly #places = new Map<number, number>();
  #failures = 0;
  #isReady = false;
  #code: number | null = null;
  #end: (code: number) => void = () => undefined;

  constructor(count: number) {
    this.#count = count;
  }

  run(): Promise<number> {
    // Connections wait at the port itself until a worker takes them. Handed over by this process, those that a worker had not taken when it
    // died would never be answered, nor end.
    cluster.schedulingPolicy = cluster.SCHED_NONE;
    // The first one makes the tables, and a key where there is none; the others find both.
    cluster.on('listening', () => this.#others());
    cluster.on('exit', (worker, code, signal) => this.#ended(worker, signal === null ? code : 1));
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => this.#stop(0));
    process.on('SIGHUP', () => this.#tell('SIGHUP'));
    const ended = new Promise<number>((resolve) => {
      this.#end = resolve;
    });
    this.#fork(1);
    return ended;
  }

  #fork(place: number): void {
    if (this.#code !== null) return;
    const began = performance.now();
    const worker = cluster.fork({ [placeVariable]: String(place) });
    this.#places.set(worker.id, place);
    worker.once('exit', () => {
      if (performance.now() - began >= stable) this.#failures = 0;
    });
  }

  #others(): void {
    if (this.#isReady) return;
    this.#isReady = true;
    for (let place = 2; place <= this.#count; place++) this.#fork(place);
  }

  #ended(worker: Worker, code: number): void {
    // One that cannot start at all says why; one that was asked to stop stops everything.
    if (this.#code === null && (!this.#isReady || code === 0)) this.#stop(code);
    if (this.#code !== null) {
      if (Object.keys(cluster.workers ?? {}).length === 0) this.#end(this.#code);
      return;
    }
    const place = this.#places.get(worker.id) ?? 1;
    this.#places.delete(worker.id);
    const pause = backoff(++this.#failures, pauses);
    console.error(`worker ${worker.process.pid} ended unexpectedly; another one starts in ${pause} ms`);
    setTimeout(() => this.#fork(place), pause);
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
