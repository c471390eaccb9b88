import { isDeepStrictEqual } from 'node:util';
import type { RuntimeConfig } from '../config/schema.ts';
import type { Log } from '../contracts/log.ts';
import { sentence } from '../errors.ts';
import type { ActorSessions } from './sessions.ts';

type Declared = RuntimeConfig['sessions'][number];

/**
 * Makes the declared sessions so: created, updated, started or stopped. Sessions that nobody declared are left alone.
 * A new one is created stopped; the resume starts it in its turn. One that fails is logged and stops nobody.
 */
export const reconcile = async (sessions: ActorSessions, declared: readonly Declared[], log: Log): Promise<void> => {
  for (const one of declared) {
    try {
      await reconcileOne(sessions, one);
    } catch (error) {
      log.error({ session: one.name }, `the declared session could not be made so: ${sentence(error)}`);
    }
  }
};

const reconcileOne = async (sessions: ActorSessions, { name, start = true, config = {} }: Declared): Promise<void> => {
  if (!sessions.has(name)) await sessions.create({ name, config, start: false });
  else if (!isDeepStrictEqual(sessions.get(name).config, config)) await sessions.update(name, config);
  await sessions.desire(name, start ? 'running' : 'stopped');
};
