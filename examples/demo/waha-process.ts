import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** `waha start` as a child process. */
export class WahaProcess {
  readonly #child: ChildProcess;
  readonly #output: string[] = [];
  readonly #exit: Promise<number | null>;

  constructor(config: string, env: Readonly<Record<string, string>>) {
    this.#child = spawn(process.execPath, ['core/waha.js', 'start', '--config', config], {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#exit = new Promise((resolve) => {
      this.#child.once('exit', resolve);
    });
    // A child must not outlive its parent, whatever ends it.
    process.once('exit', () => this.#child.kill('SIGKILL'));
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  }

  /** What it printed, for when something went wrong. */
  get output(): string {
    return this.#output.join('\n');
  }

  /** Resolves with its address once it says that it is ready; rejects when it ends before. */
  ready(): Promise<string> {
    return new Promise((resolve, reject) => {
      for (const stream of [this.#child.stdout, this.#child.stderr]) {
        if (!stream) continue;
        createInterface(stream).on('line', (line) => {
          this.#output.push(line);
          const [, url] = /is ready on (http:\S+?)"?[},]?$/.exec(line) ?? [];
          if (url) resolve(url);
        });
      }
      void this.#exit.then((code) => reject(new Error(`waha ended with exit code ${code}`)));
    });
  }

  /** Asks it to stop, and resolves with its exit code; null when it had to be killed. */
  async stop(): Promise<number | null> {
    this.#child.kill('SIGTERM');
    const cut = setTimeout(() => this.#child.kill('SIGKILL'), 15_000);
    const code = await this.#exit;
    clearTimeout(cut);
    return code;
  }
}
