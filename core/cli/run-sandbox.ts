import type { Builtins } from '../host/resolve.ts';
import { untilSignal } from './signals.ts';

export interface SandboxOptions {
  /** 0 takes a free one. */
  readonly port: number;
  readonly controlPort?: number;
}

/** What the sandbox plugin's module exports for a process of its own. */
interface SandboxModule {
  runSandboxServer(options: SandboxOptions): Promise<{ close(): Promise<void> }>;
}

/** `waha sandbox`: runs until it is told to stop; resolves with the exit code. */
export const runSandbox = async (options: SandboxOptions, builtins: Builtins): Promise<number> => {
  const sandbox = (await builtins['sandbox']?.()) as Partial<SandboxModule> | undefined;
  if (!sandbox?.runSandboxServer) throw new Error('this build has no sandbox plugin');
  const server = await sandbox.runSandboxServer(options);
  return untilSignal({
    stop: () => server.close(),
    grace: 5_000,
    started: () => true,
    report: (what) => console.error(what),
  });
};
