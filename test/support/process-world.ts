import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Finished, type Running, runWaha } from '../core/cli/run-waha.ts';
import { Api } from './api.ts';
import { type Surroundings, surroundings, type WorldOptions } from './world.ts';

/** The same deployment as `World`, in a process of its own that can be killed. WhatsApp and the receiver stay here. */
export class ProcessWorld {
  readonly outside: Surroundings;
  readonly file: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #logLevel: string;
  #running: Running | null = null;
  #api: Api | null = null;

  private constructor(outside: Surroundings, env: Readonly<Record<string, string>>, logLevel: string) {
    this.outside = outside;
    this.#env = env;
    this.#logLevel = logLevel;
    this.file = join(outside.folder, 'waha.config.yaml');
    this.write(outside.yaml);
  }

  /** `env`: what the process has in its environment besides. */
  static async start(options: WorldOptions = {}, env: Readonly<Record<string, string>> = {}): Promise<ProcessWorld> {
    return ProcessWorld.startIn(await surroundings(options), env);
  }

  /** The same in surroundings of one's own; they are closed with it. */
  static async startIn(
    outside: Surroundings,
    env: Readonly<Record<string, string>> = {},
    logLevel = 'info',
  ): Promise<ProcessWorld> {
    const world = new ProcessWorld(outside, env, logLevel);
    try {
      await world.boot();
      return world;
    } catch (error) {
      await world.close();
      throw error;
    }
  }

  get api(): Api {
    if (!this.#api) throw new Error('the process does not run');
    return this.#api;
  }

  get process(): Running {
    if (!this.#running) throw new Error('the process does not run');
    return this.#running;
  }

  /** Writes the YAML file. JSON is YAML. */
  write(yaml: object): void {
    writeFileSync(this.file, JSON.stringify({ ...yaml, log: { level: this.#logLevel, format: 'json' } }, null, 1));
  }

  /** Starts the process and waits until it is ready. */
  async boot(): Promise<void> {
    this.#running = runWaha(['start', '--config', this.file], this.outside.folder, this.#env);
    const [, url = ''] = await this.#running.line(/is ready on (http:[^"\s]+)/);
    this.#api = new Api(url);
  }

  /** Ends it without a word, and waits until it is gone. */
  async kill(): Promise<void> {
    this.process.child.kill('SIGKILL');
    await this.process.finished;
  }

  /** Asks it to end, and waits until it is gone. */
  terminate(): Promise<Finished> {
    this.process.child.kill('SIGTERM');
    return this.process.finished;
  }

  async close(): Promise<void> {
    if (this.#running) await this.kill();
    await this.outside.close();
  }
}
