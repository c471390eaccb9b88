import { isDeepStrictEqual } from 'node:util';
import type { RuntimeConfig } from '../config/schema.ts';
import type { Log } from '../contracts/log.ts';
import type { Sessions } from '../contracts/sessions.ts';
import { isRuntimeError, sentence } from '../errors.ts';
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

/**
 * Creates the declared sessions that no process of a cluster has. What is there already is left as it is: a restart of one of many
 * processes, with a file that may be older or newer than that of the others, is no reason to undo what was commanded since.
 */
export const createMissing = async (
  sessions: Pick<Sessions, 'has' | 'create'>,
  declared: readonly Declared[],
  log: Log,
): Promise<void> => {
  for (const { name, start = true, config = {} } of declared) {
    if (sessions.has(name)) continue;
    try {
      await sessions.create({ name, config, start });
    } catch (error) {
      if (isRuntimeError(error, 'SESSION_EXISTS')) continue;
      log.error({ session: name }, `the declared session could not be made so: ${sentence(error)}`);
    }
  }
};
