import type { RuntimeConfig } from '../config/schema.ts';
import type { Clock, Random } from '../contracts/clock.ts';
import type { Log } from '../contracts/log.ts';
import type { PluginStorage } from '../contracts/stores.ts';
import { reconcile, reconcileShared } from './declared.ts';
import { type ResumeProgress, type ResumeRun, resume } from './resume.ts';
import type { ActorSessions } from './sessions.ts';
import type { SharedSessions } from './shared-sessions.ts';
import { watchForWake } from './wake-watch.ts';

export interface SupervisorOptions {
  readonly sessions: ActorSessions;
  readonly config: RuntimeConfig;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** All sessions of a cluster, and what is known of the declarations that were applied to them. */
  readonly shared?: { readonly all: SharedSessions; readonly applied: PluginStorage } | null;
}

type Declared = RuntimeConfig['sessions'];

/** Sees to it that what shall run does: at boot, when the declared sessions were read again, and after a sleep. */
export class SessionSupervisor {
  readonly #options: SupervisorOptions;
  #declared: Declared;
  #resumed: ResumeRun | null = null;
  #stopWatching: () => void = () => undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#declared = options.config.sessions;
  }

  /** How far bringing sessions back has come. */
  get progress(): ResumeProgress | null {
    return this.#resumed?.progress ?? null;
  }

  /** Makes the declared sessions be there, and notes which sessions shall run. Starts none. */
  async declare(): Promise<void> {
    const { sessions, config, log, shared } = this.#options;
    if (shared) {
      shared.all.onTaken = (name) => this.#declareShared(this.#declared.filter((one) => one.name === name));
      return this.#declareShared(config.sessions);
    }
    await reconcile(sessions, config.sessions, log);
    if (config.worker.restartAll) await this.#wantAll();
  }

  /** Starts the declared sessions and those that ran before, one after the other, from now on. */
  resume(): void {
    const { sessions, config, clock, log } = this.#options;
    if (!this.#options.shared) this.#start(config.sessions, ['stopped']);
    this.#stopWatching = watchForWake(clock, (slept) => {
      log.warn(`the clock jumped by ${Math.round(slept / 1000)} s: every connection is looked after`);
      sessions.wake();
    });
  }

  /** Takes up what changed among the declared sessions; those that failed and shall run get another start. */
  async reload(declared: Declared): Promise<void> {
    const { sessions, log, shared } = this.#options;
    this.#declared = declared;
    if (shared) return this.#declareShared(declared, true);
    await reconcile(sessions, declared, log);
    this.#start(declared, ['stopped', 'failed']);
    log.info(`the declared sessions were read again: ${declared.length}`);
  }

  async #declareShared(declared: Declared, anew = false): Promise<void> {
    const { shared, sessions: own, log } = this.#options;
    if (shared) await reconcileShared({ ...shared, own, log }, declared, anew);
  }

  /** Starts no more. */
  end(): void {
    this.#resumed?.cancel();
    this.#stopWatching();
  }

  /** Those that were stopped shall run, too, except where the YAML says that they do not start. */
  async #wantAll(): Promise<void> {
    const { sessions, config } = this.#options;
    const resting = new Set(config.sessions.filter(({ start }) => start === false).map(({ name }) => name));
    const stopped = sessions.all().filter(({ name, record }) => record.desired !== 'running' && !resting.has(name));
    await Promise.all(stopped.map((session) => session.amend({ desired: 'running' })));
  }

  /** Declared sessions that rest in one of these states, and unless the YAML says otherwise all that ran before. */
  #start(declared: Declared, from: readonly ('stopped' | 'failed')[]): void {
    const { sessions, config, clock, random, log } = this.#options;
    const { worker, session } = config;
    const names = new Set(declared.map(({ name }) => name));
    const waiting = sessions.all().filter((it) => {
      if (it.record.desired !== 'running') return false;
      if (names.has(it.name)) return from.some((state) => it.isIn(state));
      return worker.restartSessions && it.isIn('stopped');
    });
    this.#resumed?.cancel();
    this.#resumed = resume(waiting, {
      clock,
      random,
      log,
      concurrency: worker.startConcurrency,
      jitter: worker.startJitter,
      spacing: worker.startDelaySeconds * 1000,
      patience: session.timings.start,
    });
  }
}
