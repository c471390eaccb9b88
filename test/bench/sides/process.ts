import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const clockTick = 10;
const pageSize = 4096;

/** A child must not outlive its parent, whatever ends it. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export interface ProcessOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Flags of Node itself. */
  readonly flags?: readonly string[];
}

/** What went to files. */
export interface Written {
  readonly bytes: number;
  readonly calls: number;
}

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** A Node process that is started, asked, weighed and stopped. */
export class NodeProcess {
  readonly #child: ChildProcess;
  readonly #output: string[] = [];
  readonly #watchers = new Set<(line: string) => void>();
  readonly #pending = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  readonly #exit: Promise<number | null>;
  #next = 1;

  constructor(file: string, args: readonly string[] = [], options: ProcessOptions = {}) {
    this.#child = spawn(process.execPath, [...(options.flags ?? []), file, ...args], {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#exit = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.on('message', (answer) => this.#answered(answer as Answer));
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream) createInterface(stream).on('line', (line) => this.#line(line));
    }
    running.add(this.#child);
    void this.#exit.then((code) => {
      running.delete(this.#child);
      for (const { reject } of this.#pending.values())
        reject(new Error(`the process ended (${code}):\n${this.output}`));
    });
  }

  /** The last lines that it printed. */
  get output(): string {
    return this.#output.slice(-20).join('\n');
  }

  /** Resolves with the match of the first line, past or to come, that the pattern fits. */
  line(pattern: RegExp, limitMs = 60_000): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const give = (error: Error): void => {
        this.#watchers.delete(look);
        clearTimeout(timer);
        reject(error);
      };
      const timer = setTimeout(
        () => give(new Error(`no line ${pattern} within ${limitMs} ms:\n${this.output}`)),
        limitMs,
      );
      const look = (line: string): void => {
        const match = pattern.exec(line);
        if (!match) return;
        this.#watchers.delete(look);
        clearTimeout(timer);
        resolve(match);
      };
      this.#watchers.add(look);
      for (const line of this.#output) look(line);
      void this.#exit.then((code) => give(new Error(`the process ended (${code}):\n${this.output}`)));
    });
  }

  /** Calls a function that the process serves (see `children/serve.ts`). Rejects when it takes longer than a limit. */
  call<T>(name: string, input: object = {}, limitMs?: number): Promise<T> {
    const id = this.#next++;
    return new Promise<T>((resolve, reject) => {
      const late = () => reject(new Error(`no answer to '${name}' within ${limitMs} ms`));
      const timer = limitMs === undefined ? undefined : setTimeout(late, limitMs);
      this.#pending.set(id, {
        resolve: (value) => {
          clearTimeout(timer);
          resolve(value as T);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
      this.#child.send({ id, call: name, input });
    });
  }

  /** Resident memory in bytes. */
  rss(): number {
    const [, resident = '0'] = readFileSync(`/proc/${this.#child.pid}/statm`, 'utf8').split(' ');
    return Number(resident) * pageSize;
  }

  /** CPU time used so far, user and system, in milliseconds. */
  cpu(): number {
    const text = readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * clockTick;
  }

  /**
   * What its threads, but for the main one, have written: bytes and system calls. Those of the databases' threads go to their
   * files; a thread that wakes another one adds a call of eight bytes. `main`: those of the main thread, too.
   */
  written({ main = false }: { readonly main?: boolean } = {}): Written {
    const total = { bytes: 0, calls: 0 };
    for (const thread of readdirSync(`/proc/${this.#child.pid}/task`)) {
      if (!main && Number(thread) === this.#child.pid) continue;
      const io = readFileSync(`/proc/${this.#child.pid}/task/${thread}/io`, 'utf8');
      total.bytes += Number(/^wchar: (\d+)$/m.exec(io)?.[1]);
      total.calls += Number(/^syscw: (\d+)$/m.exec(io)?.[1]);
    }
    return total;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGTERM');
    const cut = setTimeout(() => this.#child.kill('SIGKILL'), 20_000);
    await this.#exit;
    clearTimeout(cut);
  }

  #line(line: string): void {
    this.#output.push(line);
    if (this.#output.length > 500) this.#output.splice(0, 250);
    for (const watcher of [...this.#watchers]) watcher(line);
  }

  #answered({ id, result, error }: Answer): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (error === undefined) pending?.resolve(result);
    else pending?.reject(new Error(error));
  }
}
