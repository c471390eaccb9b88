import { Session } from 'node:inspector/promises';
import { relative } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { root } from '../support/built-package.ts';

// Which files of ours run when a message comes in, from the socket to the webhook's POST, and at a start:
// `npx tsx test/bench/files-of-a-message.ts [--list]`. A file counts when one of its functions was called.

const isOurs = (path: string): boolean => /^(core|plugins)\//.test(path) && !/^plugins\/sandbox\//.test(path);

/** Counts calls of functions from one question to the next. */
class Calls {
  readonly #session = new Session();

  async begin(): Promise<void> {
    this.#session.connect();
    await this.#session.post('Profiler.enable');
    await this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  }

  /** The files with a function that was called since the last question. Top levels of modules are no functions. */
  async take(): Promise<string[]> {
    const { result } = await this.#session.post('Profiler.takePreciseCoverage');
    const called = result.filter(
      ({ url, functions }) =>
        url.startsWith('file:') && functions.some(({ ranges: [all] }) => all && all.startOffset > 0 && all.count > 0),
    );
    return [...new Set(called.map(({ url }) => relative(root, fileURLToPath(url.replace(/\?.*/, '')))))]
      .filter(isOurs)
      .sort();
  }
}

const byFolder = (files: readonly string[]): string => {
  const counts = new Map<string, number>();
  for (const file of files) {
    const folder = file.split('/').slice(0, -1).join('/');
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return [...counts].map(([folder, count]) => `  ${count} ${folder}`).join('\n');
};

const shown = (what: string, files: readonly string[]): void => {
  console.log(`${what}: ${files.length} files`);
  console.log(process.argv.includes('--list') ? files.map((file) => `  ${file}`).join('\n') : byFolder(files));
};

const calls = new Calls();
await calls.begin();
// V8 counts what is loaded after that.
const { World } = await import('../support/world.ts');
const world = await World.start();
shown('start of a deployment without sessions', await calls.take());
await world.link('default', '5511999990001');
const ana = world.sandbox.contact('5511888880001');
const told = async (text: string): Promise<void> => {
  const sent = await ana.send('5511999990001', text);
  await world.hooks.next('message', ({ payload }) => (payload as { readonly body?: string }).body === text);
  await sent.delivered;
};
await told('the first one makes a Signal session');
await told('the second one does not');
await setTimeout(2_000); // receipts, journals and deliveries of these come to an end
await calls.take();
await told('this one counts');
shown('a text, from the socket to the webhook', await calls.take());
await world.close();
process.exit(0);
