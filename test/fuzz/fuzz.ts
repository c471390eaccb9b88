import { apiKey } from '../support/deployment.ts';
import { BesideRequests, type ToolInfo, toolsOf } from './beside.ts';
import { ApiDocument } from './document.ts';
import { type Fault, Judge } from './judge.ts';
import { Known } from './known.ts';
import { graceMs, TargetEnded } from './lasting-api.ts';
import { minimise } from './minimise.ts';
import { PingWatch } from './ping.ts';
import { Random } from './random.ts';
import { type Answer, type FuzzRequest, sendRequest, shown } from './request.ts';
import { Requests } from './requests.ts';
import { injects, isTried, knownAtFirst, settle } from './setting.ts';
import { playStory } from './story.ts';
import { Target } from './target.ts';
import { Values } from './values.ts';

export interface FuzzOptions {
  readonly count: number;
  readonly seed: number;
  /** How long `GET /ping` may go unanswered while one request is served (ms), as long as the process itself is at work. */
  readonly pingLimitMs: number;
  /** How long the event loop may be at work without a pause (ms of CPU time). */
  readonly blockLimitMs: number;
  /** Called now and then with how far it is. */
  readonly progress?: (sent: number, memoryMb: number) => void;
  /** Called with each finding as it is made. */
  readonly tell?: (finding: Finding) => void;
}

/** Something that must not be. */
export interface Finding extends Fault {
  /** Which of the requests of the seed it was. */
  readonly at: number;
  /** The smallest request that shows it. */
  readonly request: string;
  /** Whether it came again when the request was sent alone. */
  readonly again: boolean;
}

export interface Report {
  readonly requests: number;
  readonly findings: readonly Finding[];
  /** How often each status was answered. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly operations: number;
  /** 5xx that followed from faults which the fuzzer had switched on itself, by the operation that did. */
  readonly injected: Readonly<Record<string, number>>;
  readonly worstPingMs: number;
  /** The longest time (ms of CPU) that the event loop was at work without a pause, and during what. */
  readonly worstBlock: { readonly ms: number; readonly request: string };
  /** How often the process ended, and the most memory (MB) that it had. */
  readonly crashes: number;
  readonly mostMemoryMb: number;
  /** The request that took longest. */
  readonly slowest: { readonly ms: number; readonly request: string };
}

const settledEvery = 25;
const storyEvery = 250;
/** So many different findings end the run: the rest would say the same. */
const enough = 60;

/** Sends generated requests to a sandbox deployment of its own, one after the other, and judges every answer. */
export const fuzz = async (options: FuzzOptions): Promise<Report> => {
  const target = await Target.start();
  const run = await Run.begin(target, options);
  try {
    return await run.all();
  } finally {
    run.close();
    await target.close();
  }
};

class Run {
  readonly #target: Target;
  readonly #options: FuzzOptions;
  readonly #known: Known;
  readonly #document: ApiDocument;
  readonly #requests: Requests;
  readonly #beside: BesideRequests;
  readonly #judge: Judge;
  readonly #ping: PingWatch;
  readonly #findings = new Map<string, Finding>();
  readonly #statuses: Record<string, number> = {};
  readonly #injected: Record<string, number> = {};
  readonly #tried = new Set<string>();
  /** The requests before, of which one may end the process later. */
  readonly #lately: string[] = [];
  #sent = 0;
  #crashes = 0;
  #mostMemoryMb = 0;
  #worstPingMs = 0;
  #worstBlock = { ms: 0, request: '' };
  #slowest = { ms: 0, request: '' };
  /** The operation whose fault is on. */
  #fault: string | null = null;

  private constructor(
    target: Target,
    options: FuzzOptions,
    document: ApiDocument,
    known: Known,
    tools: readonly ToolInfo[],
  ) {
    this.#target = target;
    this.#options = options;
    this.#document = document;
    this.#known = known;
    const random = new Random(options.seed);
    const values = new Values(random, document, known);
    this.#requests = new Requests(random, document, values, isTried);
    this.#beside = new BesideRequests(random, values, document, tools);
    this.#judge = new Judge(document);
    this.#ping = new PingWatch(() => target.url);
  }

  static async begin(target: Target, options: FuzzOptions): Promise<Run> {
    const { body } = await target.api.get('/openapi.json');
    const known = new Known(knownAtFirst(target));
    return new Run(target, options, new ApiDocument(body), known, await toolsOf(target.api));
  }

  async all(): Promise<Report> {
    await this.#settle();
    while (this.#sent < this.#options.count && this.#findings.size < enough) {
      try {
        await this.#next();
      } catch (error) {
        await this.#stand(error);
      }
    }
    return {
      requests: this.#sent,
      findings: [...this.#findings.values()],
      statuses: this.#statuses,
      operations: this.#tried.size,
      injected: this.#injected,
      worstPingMs: Math.round(this.#worstPingMs),
      worstBlock: this.#worstBlock,
      crashes: this.#crashes,
      mostMemoryMb: this.#mostMemoryMb,
      slowest: this.#slowest,
    };
  }

  async #next(): Promise<void> {
    if (this.#sent % settledEvery === 0) await this.#settle();
    if (this.#sent % storyEvery === storyEvery / 2) await this.#story();
    this.#mostMemoryMb = Math.max(this.#mostMemoryMb, this.#target.memoryMb);
    if (this.#sent % storyEvery === 0) this.#options.progress?.(this.#sent, this.#target.memoryMb);
    await this.#try(this.#beside.maybe() ?? this.#requests.any());
  }

  close(): void {
    this.#ping.stop();
  }

  #settle(): Promise<void> {
    return settle(this.#target, this.#known);
  }

  /** Between two requests the process has ended, with nobody asking it anything, or the session does not come back: findings, too. */
  async #stand(error: unknown): Promise<void> {
    const ended = error instanceof TargetEnded;
    const told = ended ? await this.#lastWords() : String(error);
    const request = this.#lately.join('\n  ');
    this.#tell(`between ${this.#sent}`, {
      kind: ended ? 'crash' : 'stuck',
      told,
      at: this.#sent,
      request,
      again: false,
    });
    this.#sent += 1;
    await this.#target.boot();
    await this.#settle();
  }

  #lastWords(): Promise<string> {
    this.#crashes += 1;
    return this.#target.lastWords();
  }

  #story(): Promise<void> {
    const parts = { document: this.#document, requests: this.#requests, api: this.#target.api };
    return playStory(`story-${this.#sent}`, parts, (request) => this.#try(request));
  }

  async #try(request: FuzzRequest): Promise<void> {
    this.#sent += 1;
    const { method, path } = request.operation;
    const name = `${method} ${path}`;
    this.#lately.push(shown(request));
    this.#lately.splice(0, this.#lately.length - 30);
    this.#tried.add(name);
    if (injects(request.operation)) this.#fault = name;
    const fault = await this.#faultOf(request);
    if (fault) await this.#note(name, request, fault);
    if (this.#target.hasEnded) await this.#target.boot();
    if (this.#fault !== null) {
      await this.#settle();
      this.#fault = null;
    }
  }

  /** Sends it and says what is wrong with what came, if anything. */
  async #faultOf(request: FuzzRequest): Promise<Fault | null> {
    this.#ping.take();
    const begun = performance.now();
    this.#target.blocks.take();
    let answer: Answer;
    try {
      answer = await sendRequest(this.#target.url, apiKey, request);
    } catch (error) {
      if (await this.#target.endsWithin(graceMs)) return { kind: 'crash', told: await this.#lastWords() };
      return { kind: 'no-answer', told: String(error) };
    }
    const pingMs = this.#ping.take();
    this.#worstPingMs = Math.max(this.#worstPingMs, pingMs);
    const ms = Math.round(performance.now() - begun);
    if (ms > this.#slowest.ms) this.#slowest = { ms, request: shown(request) };
    this.#statuses[answer.status] = (this.#statuses[answer.status] ?? 0) + 1;
    const excused = this.#fault !== null && answer.status === 503;
    if (excused) this.#injected[this.#fault ?? ''] = (this.#injected[this.#fault ?? ''] ?? 0) + 1;
    if (answer.status < 300) this.#known.learn(jsonOf(answer));
    return this.#judge.fault(request.operation, answer, excused) ?? this.#slowness(request, pingMs);
  }

  /** On a machine that does other things, too, an answer is late without a fault of the process: what counts is its own work. */
  #slowness(request: FuzzRequest, pingMs: number): Fault | null {
    const { pingLimitMs, blockLimitMs } = this.#options;
    const blockMs = this.#target.blocks.take();
    if (blockMs > this.#worstBlock.ms) this.#worstBlock = { ms: blockMs, request: shown(request) };
    if (blockMs > blockLimitMs) return { kind: 'slow', told: `the event loop was at work for ${blockMs} ms` };
    if (pingMs <= pingLimitMs || blockMs < pingLimitMs / 2) return null;
    return { kind: 'slow', told: `GET /ping was not answered for ${Math.round(pingMs)} ms` };
  }

  /** One finding for each operation and kind. A slow answer must come twice again: the machine does other things, too. */
  async #note(name: string, request: FuzzRequest, fault: Fault): Promise<void> {
    const key = `${fault.kind} ${name} ${fault.told.slice(0, 3)}`;
    if (this.#findings.has(key)) return;
    const at = this.#sent;
    const fails = async (smaller: FuzzRequest): Promise<boolean> => {
      if (this.#target.hasEnded) await this.#target.boot();
      const found = await this.#faultOf(smaller);
      return found?.kind === fault.kind && found.told.slice(0, 3) === fault.told.slice(0, 3);
    };
    const again = await fails(request);
    if (fault.kind === 'slow' && !(again && (await fails(request)))) return;
    const smallest = again ? await minimise(request, fails) : request;
    this.#tell(key, { ...fault, at, request: shown(smallest), again });
  }

  #tell(key: string, finding: Finding): void {
    this.#findings.set(key, finding);
    this.#options.tell?.(finding);
  }
}

const jsonOf = ({ contentType, text }: Answer): unknown => {
  if (!contentType.includes('json') || text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
