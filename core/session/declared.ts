import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { RuntimeConfig } from '../config/schema.ts';
import type { Log } from '../contracts/log.ts';
import type { Sessions } from '../contracts/sessions.ts';
import type { PluginStorage } from '../contracts/stores.ts';
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

/** How many former declarations of a session are remembered. */
const mostApplied = 20;

export interface SharedDeclaredOptions {
  /** All sessions of the cluster. */
  readonly all: Pick<Sessions, 'has' | 'create'>;
  /** Those of this process. */
  readonly own: ActorSessions;
  /** Which declarations were applied to each session. */
  readonly applied: PluginStorage;
  readonly log: Log;
}

/**
 * Declared sessions in a cluster: whoever comes first makes them, and a change of the YAML is applied once, by the process that has
 * the session. A declaration that was applied before is not applied again, so that one of many processes that comes with an older file
 * does not undo what was declared, or commanded, since; `anew` applies it all the same.
 */
export const reconcileShared = async (
  options: SharedDeclaredOptions,
  declared: readonly Declared[],
  anew = false,
): Promise<void> => {
  for (const one of declared) {
    try {
      await reconcileOnce(options, one, anew);
    } catch (error) {
      if (isRuntimeError(error, 'SESSION_EXISTS')) continue;
      options.log.error({ session: one.name }, `the declared session could not be made so: ${sentence(error)}`);
    }
  }
};

const reconcileOnce = async (
  { all, own, applied }: SharedDeclaredOptions,
  declared: Declared,
  anew: boolean,
): Promise<void> => {
  const { name, start = true, config = {} } = declared;
  const isNew = !all.has(name);
  if (isNew) await all.create({ name, config, start });
  else if (!own.has(name)) return;
  const mark = createHash('sha256').update(JSON.stringify({ start, config })).digest('base64url');
  const before = (await applied.get<string[]>(name)) ?? [];
  if (!isNew && !anew && before.includes(mark)) return;
  if (!isNew) {
    if (!isDeepStrictEqual(own.get(name).config, config)) await own.update(name, config);
    await (start ? own.start(name) : own.stop(name));
  }
  await applied.set(name, [...before.filter((other) => other !== mark), mark].slice(-mostApplied));
};
