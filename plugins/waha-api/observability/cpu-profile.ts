import { Session } from 'node:inspector/promises';
import type { Clock } from 'waha-runtime';

/**
 * Watches for a while what the process spends its time with. Resolves with the text of a `.cpuprofile` file. Rejects with an
 * AbortError when `signal` fires; the profile is then thrown away.
 */
export const cpuProfile = async (milliseconds: number, clock: Clock, signal: AbortSignal): Promise<string> => {
  const inspector = new Session();
  inspector.connect();
  try {
    await inspector.post('Profiler.enable');
    await inspector.post('Profiler.start');
    await passing(milliseconds, clock, signal);
    const { profile } = await inspector.post('Profiler.stop');
    return JSON.stringify(profile);
  } finally {
    inspector.disconnect();
  }
};

const passing = (milliseconds: number, clock: Clock, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const leave = () => {
      clock.clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = clock.setTimeout(() => {
      signal.removeEventListener('abort', leave);
      resolve();
    }, milliseconds);
    signal.addEventListener('abort', leave, { once: true });
  });
