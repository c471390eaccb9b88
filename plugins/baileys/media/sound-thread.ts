import { Worker } from 'node:worker_threads';
import type { MetricSource, Sample } from 'waha-runtime';

/** What a phone draws: this many bars of 0 to 100. */
export const BARS = 64;
/** So many sounds wait at most; those beyond go out with a flat waveform. */
const WAITING = 32;
/** Decoding takes 0.1 s for a minute of Opus, and no more than five minutes are asked for. */
const PATIENCE_MS = 15_000;
/** Without work for so long, the thread ends. */
const IDLE_MS = 10_000;

/** What there is to see and hear of a sound. */
export interface Sound {
  readonly bars: Uint8Array;
  readonly seconds: number;
}

interface Job {
  readonly bytes: Uint8Array;
  readonly done: (sound: Sound | null) => void;
}

/**
 * The thread, as plain JavaScript: Node loads no TypeScript, and these few lines are not worth a build of their own. A bar is the mean
 * loudness of its part, the loudest one 100.
 */
const script = (bars: number): string => `
const { parentPort, workerData } = require('node:worker_threads');
const barsOf = (samples) => {
  const length = Math.floor(samples.length / ${bars});
  const means = Array.from({ length: ${bars} }, (_, bar) => {
    let sum = 0;
    for (let at = bar * length; at < (bar + 1) * length; at++) sum += Math.abs(samples[at]);
    return sum / Math.max(1, length);
  });
  const loudest = Math.max(...means);
  return Uint8Array.from(means, (mean) => (loudest > 0 ? Math.floor((100 * mean) / loudest) : 0));
};
parentPort.on('message', async (bytes) => {
  try {
    const { default: decode } = await import(workerData);
    const sound = await decode(bytes);
    parentPort.postMessage({ bars: barsOf(sound.getChannelData(0)), seconds: sound.duration });
  } catch {
    parentPort.postMessage(null);
  }
});
`;

/** Decodes sounds beside the event loop, one after the other. */
export class SoundThread implements MetricSource {
  readonly name = 'baileys-sounds';
  readonly #waiting: Job[] = [];
  readonly #outcomes = { decoded: 0, failed: 0, refused: 0 };
  #thread: Worker | null = null;
  #current: Job | null = null;
  #timer: NodeJS.Timeout | undefined;

  /** Null for what cannot be decoded, takes too long, or comes while too many wait. Never rejects. */
  read(bytes: Uint8Array): Promise<Sound | null> {
    if (this.#waiting.length >= WAITING) {
      this.#outcomes.refused += 1;
      return Promise.resolve(null);
    }
    return new Promise((done) => {
      this.#waiting.push({ bytes, done });
      this.#next();
    });
  }

  collect(): readonly Sample[] {
    const help = 'Sounds of voice messages, by what became of their waveform.';
    const name = 'waha_waveforms_total';
    const counted = Object.entries(this.#outcomes).map(
      ([outcome, value]): Sample => ({ type: 'counter', name, help, labels: { outcome }, value }),
    );
    const waiting = { name: 'waha_waveforms_waiting', help: 'Sounds that wait to be decoded.' };
    return [...counted, { type: 'gauge', ...waiting, value: this.#waiting.length }];
  }

  #next(): void {
    if (this.#current) return;
    clearTimeout(this.#timer);
    const job = this.#waiting.shift();
    this.#current = job ?? null;
    const thread = this.#thread;
    // An idle thread keeps no process alive, and ends after a while.
    if (!job) this.#timer = setTimeout(() => this.#end(), IDLE_MS).unref();
    else {
      this.#timer = setTimeout(() => this.#end(), PATIENCE_MS).unref();
      // A copy of its own: the decoder reads the whole memory behind a view (findings/audio-decode-reads-past-its-view.sh).
      (thread ?? this.#start()).postMessage(new Uint8Array(job.bytes));
    }
  }

  #start(): Worker {
    const decoder = import.meta.resolve('audio-decode');
    const thread = new Worker(script(BARS), { name: 'sounds', eval: true, execArgv: [], workerData: decoder });
    thread.unref();
    thread.on('message', (sound: Sound | null) => this.#settle(sound));
    thread.on('error', () => undefined);
    thread.once('exit', () => {
      if (this.#thread === thread) this.#thread = null;
      this.#settle(null);
    });
    this.#thread = thread;
    return thread;
  }

  #settle(sound: Sound | null): void {
    const job = this.#current;
    if (!job) return;
    this.#current = null;
    this.#outcomes[sound ? 'decoded' : 'failed'] += 1;
    job.done(sound);
    this.#next();
  }

  #end(): void {
    void this.#thread?.terminate();
    this.#thread = null;
  }
}

/** That of the process: all sessions share it. */
export const sounds = new SoundThread();
