import { createHash } from 'node:crypto';

/** The digest of a value's JSON, to compare requests without keeping them. */
export const hash = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');
