import { Session } from 'node:inspector/promises';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * Watches for a while what the process spends its time with. Resolves with the text of a `.cpuprofile` file. Rejects with an
 * AbortError when `signal` fires; the profile is then thrown away.
 */
export const cpuProfile = async (milliseconds: number, signal: AbortSignal): Promise<string> => {
  const inspector = new Session();
  inspector.connect();
  try {
    await inspector.post('Profiler.enable');
    await inspector.post('Profiler.start');
    await pause(milliseconds, undefined, { signal, ref: false });
    const { profile } = await inspector.post('Profiler.stop');
    return JSON.stringify(profile);
  } finally {
    inspector.disconnect();
  }
};
