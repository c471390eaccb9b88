import { Random } from '../random.ts';
import { Coverage } from './coverage.ts';
import { mutated } from './mutations.ts';

/** Something that reads what outsiders wrote. */
export interface Parser {
  readonly name: string;
  /** Fits the addresses of the files whose coverage leads the search. */
  readonly files: RegExp;
  readonly seeds: readonly (string | Uint8Array)[];
  readonly words: readonly string[];
  /** Reads an input. What it throws or rejects with is a fault: refusals that are meant are caught in here. */
  parse(input: Buffer): unknown;
}

export interface ParserFault {
  readonly parser: string;
  readonly told: string;
  readonly input: Buffer;
}

export interface ExploreOptions {
  readonly runs: number;
  readonly seed: number;
  /** How long one input may take (ms of CPU time). */
  readonly limitMs: number;
}

export interface Explored {
  readonly faults: readonly ParserFault[];
  /** Inputs that reached something new, besides the seeds. */
  readonly kept: number;
  /** Characters of source that ran. */
  readonly covered: number;
  readonly slowestMs: number;
}

const batch = 16;
/** So many different faults end the search. */
const enough = 20;

/** Tries inputs that are changed from those which reached something new, and says which of them a parser does not take. */
export const explore = async (parser: Parser, options: ExploreOptions): Promise<Explored> => {
  const coverage = await Coverage.start(parser.files);
  try {
    return await new Exploration(parser, options, coverage).all();
  } finally {
    await coverage.stop();
  }
};

class Exploration {
  readonly #parser: Parser;
  readonly #options: ExploreOptions;
  readonly #coverage: Coverage;
  readonly #random: Random;
  readonly #corpus: Buffer[];
  readonly #words: readonly Buffer[];
  readonly #faults = new Map<string, ParserFault>();
  #slowestMs = 0;

  constructor(parser: Parser, options: ExploreOptions, coverage: Coverage) {
    this.#parser = parser;
    this.#options = options;
    this.#coverage = coverage;
    this.#random = new Random(options.seed);
    this.#corpus = parser.seeds.map((seed) => Buffer.from(seed as string));
    this.#words = parser.words.map((word) => Buffer.from(word));
  }

  async all(): Promise<Explored> {
    const seeds = this.#corpus.length;
    for (const seed of this.#corpus) await this.#try(seed);
    await this.#coverage.grown();
    for (let left = this.#options.runs; left > 0 && this.#faults.size < enough; left -= batch) await this.#batch();
    return {
      faults: [...this.#faults.values()],
      kept: this.#corpus.length - seeds,
      covered: this.#coverage.size,
      slowestMs: Math.round(this.#slowestMs),
    };
  }

  /** A look at the coverage costs more than most inputs do: where it grew, each input of the batch is tried again with a look of its own. */
  async #batch(): Promise<void> {
    const inputs = Array.from({ length: batch }, () => this.#made());
    for (const input of inputs) await this.#try(input);
    if ((await this.#coverage.grown('peek')) === 0) return;
    for (const input of inputs) {
      await this.#try(input);
      if ((await this.#coverage.grown()) > 0) this.#corpus.push(input);
    }
  }

  #made(): Buffer {
    const corpus = this.#corpus;
    // What was kept last leads on: it is picked half of the time.
    const from = this.#random.pick(this.#random.chance(0.5) ? corpus.slice(-8) : corpus);
    return mutated(from, this.#random, { words: this.#words, corpus });
  }

  async #try(input: Buffer): Promise<void> {
    const began = cpuMs();
    try {
      await this.#parser.parse(input);
    } catch (error) {
      this.#note(error instanceof Error ? `${error.name}: ${error.message}` : String(error), input);
    }
    const tookMs = cpuMs() - began;
    this.#slowestMs = Math.max(this.#slowestMs, tookMs);
    if (tookMs > this.#options.limitMs && (await this.#isSlow(input))) this.#note('takes too long', input);
  }

  /** The first inputs load and compile what they need; a slow one is slow each time. */
  async #isSlow(input: Buffer): Promise<boolean> {
    for (let times = 0; times < 3; times++) {
      const began = cpuMs();
      await Promise.resolve(this.#parser.parse(input)).catch(() => undefined);
      if (cpuMs() - began <= this.#options.limitMs) return false;
    }
    return true;
  }

  #note(told: string, input: Buffer): void {
    const key = told.replace(/\d+/g, '#').slice(0, 60);
    if (!this.#faults.has(key)) this.#faults.set(key, { parser: this.#parser.name, told, input });
  }
}

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
