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
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
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

  /** Runs tests of the copy as it is, and says which fail. */
  async unchanged(tests: readonly string[]): Promise<string[]> {
    // What fails on a busy machine alone is no reason to stop.
    const report = await this.#run(tests, '--retry=2');
    if (report === null) return ['vitest did not run'];
    return report.testResults.flatMap(({ name, message, assertionResults }) => {
      const failed = assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName);
      return failed.length === 0 && message !== '' ? [`${name}: ${message}`] : failed;
    });
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
      return outcomeOf(await this.#run(tests));
    } finally {
      writeFileSync(path, source);
    }
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #run(tests: readonly string[], ...more: readonly string[]): Promise<VitestReport | null> {
    const report = join(this.#folder, 'report.json');
    rmSync(report, { force: true });
    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    const options = ['--bail=1', '--reporter=json', `--outputFile=${report}`, ...more];
    const args = [vitest, 'run', ...options, ...tests.map((test) => join('test', test))];
    const child = spawn(process.execPath, args, { cwd: this.#folder, stdio: 'ignore' });
    await new Promise((resolve) => child.once('close', resolve));
    return existsSync(report) ? (JSON.parse(readFileSync(report, 'utf8')) as VitestReport) : null;
  }
}

const outcomeOf = (report: VitestReport | null): Outcome => {
  if (report !== null && report.numFailedTests > 0) return 'caught';
  return report?.success && report.numPassedTests > 0 ? 'survived' : 'broken';
};
