import { ulid } from 'ulid';

/** A name for a session that was given none. */
export const newSessionName = (): string => `session_${ulid().toLowerCase()}`;
