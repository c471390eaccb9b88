/** Links a session, closes everything, and writes down the lengths of the timers that keep the process alive then (ms). */
const waiting = new Map<NodeJS.Timeout, number>();
const { setTimeout: begin, clearTimeout: end } = globalThis;
globalThis.setTimeout = Object.assign(
  (call: (...args: unknown[]) => void, milliseconds?: number, ...args: unknown[]) => {
    const fire = (): void => {
      waiting.delete(timer);
      call(...args);
    };
    const timer = begin(fire, milliseconds);
    waiting.set(timer, milliseconds ?? 0);
    return timer;
  },
  begin,
) as typeof setTimeout;
globalThis.clearTimeout = (timer) => {
  waiting.delete(timer as NodeJS.Timeout);
  end(timer);
};

const { startSandbox } = await import('../../../../plugins/sandbox/sandbox.ts');
const { TestSession } = await import('../session.ts');
const sandbox = await startSandbox();
const session = new TestSession(sandbox);
await session.link(sandbox, '4915200003001');
await session.close();
await sandbox.close();
const left = [...waiting].filter(([timer]) => timer.hasRef()).map(([, milliseconds]) => milliseconds);
process.stdout.write(JSON.stringify(left));

export {};
