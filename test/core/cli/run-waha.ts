import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../../support/built-package.ts';
import { compiledSources } from '../../support/compiled-sources.ts';

const compiled = join(await compiledSources(), 'core/waha.js');
const checkout = join(root, 'core/waha.js');

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  /** Resolves with the match once the output so far, or what follows, fits; rejects when the process ends before. */
  line(pattern: RegExp): Promise<RegExpExecArray>;
}

/** The `waha` command as a child process, in a folder of its own. It runs what the sources compile to. */
export const runWaha = (args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}): Running =>
  runCommand(compiled, args, cwd, env);

/** The same as one runs it in a checkout: from the sources, with the loader that also reads plugins in TypeScript. */
export const runWahaOfCheckout = (args: readonly string[], cwd: string, env: Record<string, string> = {}): Running =>
  runCommand(checkout, args, cwd, env);

const runCommand = (
  bin: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): Running => {
  const child = spawn(process.execPath, [bin, ...args], { cwd, env: { ...process.env, NO_COLOR: '1', ...env } });
  const output = { stdout: '', stderr: '' };
  const finished = new Promise<Finished>((resolve) => {
    child.once('close', (code) => resolve({ code, ...output }));
  });
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.on('data', (chunk: Buffer) => {
      output[name] += chunk.toString();
    });
  }
  const line = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(output.stdout + output.stderr);
        if (match) resolve(match);
      };
      child.stdout?.on('data', look);
      child.stderr?.on('data', look);
      look();
      void finished.then(({ code }) => reject(new Error(`waha ended with ${code}:\n${output.stdout}${output.stderr}`)));
    });
  return { child, finished, line };
};
