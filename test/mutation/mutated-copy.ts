import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from '../support/built-package.ts';
import type { Mutation } from './mutation.ts';

/** `caught`: a test failed. `survived`: all passed. `broken`: the program did not load, or no test ran, which proves nothing. */
export type Outcome = 'caught' | 'survived' | 'broken';

interface VitestReport {
  readonly numFailedTests: number;
  readonly numPassedTests: number;
  readonly success: boolean;
}

/** A copy of the checkout, in which a place is changed, tests run, and the place is put back. */
export class MutatedCopy {
  readonly #folder = mkdtempSync(join(tmpdir(), 'waha-mutated-'));

  constructor() {
    const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root });
    for (const path of String(listed).split('\n')) {
      if (path === '' || !existsSync(join(root, path))) continue;
      mkdirSync(dirname(join(this.#folder, path)), { recursive: true });
      cpSync(join(root, path), join(this.#folder, path));
    }
    symlinkSync(join(root, 'node_modules'), join(this.#folder, 'node_modules'));
  }

  /** Runs tests of the copy as it is. */
  unchanged(tests: readonly string[]): Promise<Outcome> {
    return this.#run(tests);
  }

  async try({ file, text, replacement, tests }: Mutation): Promise<Outcome> {
    const path = join(this.#folder, file);
    const source = readFileSync(path, 'utf8');
    // A function: in a string, `$` would have a meaning.
    writeFileSync(
      path,
      source.replace(text, () => replacement),
    );
    try {
      return await this.#run(tests);
    } finally {
      writeFileSync(path, source);
    }
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #run(tests: readonly string[]): Promise<Outcome> {
    const report = join(this.#folder, 'report.json');
    rmSync(report, { force: true });
    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    const options = ['--bail=1', '--reporter=json', `--outputFile=${report}`];
    const args = [vitest, 'run', ...options, ...tests.map((test) => join('test', test))];
    const child = spawn(process.execPath, args, { cwd: this.#folder, stdio: 'ignore' });
    await new Promise((resolve) => child.once('close', resolve));
    if (!existsSync(report)) return 'broken';
    const { numFailedTests, numPassedTests, success } = JSON.parse(readFileSync(report, 'utf8')) as VitestReport;
    if (numFailedTests > 0) return 'caught';
    return success && numPassedTests > 0 ? 'survived' : 'broken';
  }
}
