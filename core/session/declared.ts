import { isDeepStrictEqual } from 'node:util';
import type { RuntimeConfig } from '../config/schema.ts';
import type { ActorSessions } from './sessions.ts';

type Declared = RuntimeConfig['sessions'][number];

/**
 * Makes the declared sessions so: created, updated, started or stopped. Sessions that nobody declared are left alone.
 * A new one is created stopped; the resume at boot starts it in its turn.
 */
export const reconcile = async (sessions: ActorSessions, declared: readonly Declared[]): Promise<void> => {
  for (const { name, start = true, config = {} } of declared) {
    if (!sessions.has(name)) await sessions.create({ name, config, start: false });
    else if (!isDeepStrictEqual(sessions.get(name).config, config)) await sessions.update(name, config);
    await sessions.desire(name, start ? 'running' : 'stopped');
  }
};
