import { isSessionName, type Sessions, unprocessable } from 'waha-runtime';
import { sessionPattern } from './config.ts';
import type { ApiKeyRequest } from './schemas.ts';
import type { StoredKey } from './stored-key.ts';

/**
 * The sessions that a request asks for. One that knows nothing of several (`session` is null, and there are no `sessions`) leaves those
 * that a key has.
 */
export const sessionsIn = ({ session, sessions, isAdmin }: ApiKeyRequest, before: StoredKey | undefined): string[] => {
  if (sessions) return [...new Set([...(session ? [session] : []), ...sessions])];
  if (session) return [session];
  const isMany = before !== undefined && (before.sessions.length > 1 || !before.sessions.every(isSessionName));
  return isMany && !isAdmin ? [...before.sessions] : [];
};

type Shape = Pick<StoredKey, 'isAdmin' | 'isActive' | 'sessions' | 'actions'>;

/** Throws `UNPROCESSABLE` as WAHA does: for what contradicts itself, and for a session that does not exist. */
export const checkShape = (
  { isAdmin = false, isActive = true, actions = null }: ApiKeyRequest,
  sessions: readonly string[],
  known: Pick<Sessions, 'has'>,
): Shape => {
  if (isAdmin && sessions.length > 0) throw unprocessable('an admin key has no session; leave `session` out');
  if (isAdmin && actions !== null) throw unprocessable('an admin key has no actions; leave `actions` out');
  if (!isAdmin && sessions.length === 0) throw unprocessable('a key that is not admin needs a session');
  for (const name of sessions) {
    if (!new RegExp(sessionPattern).test(name)) throw unprocessable(`sessions: '${name}' is no name of a session`);
    if (isSessionName(name) && !known.has(name)) throw unprocessable(`session '${name}' does not exist`);
  }
  return { isAdmin, isActive, sessions, actions };
};
