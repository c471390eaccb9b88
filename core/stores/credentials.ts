import { createHash } from 'node:crypto';
import type { Log } from '../contracts/log.ts';
import { type Collection, type Database, defineCollection, type RowOf } from '../contracts/storage.ts';
import { corruptAuth } from '../errors.ts';

/** `current`, the `previous` generation of it, and the `archived` one. */
export type Slot = 'current' | 'previous' | 'archived';

export const credentialsSchema = defineCollection({
  name: 'credentials',
  columns: {
    session: { type: 'text' },
    slot: { type: 'text' },
    value: { type: 'bytes' },
    linked: { type: 'integer' },
    checksum: { type: 'text' },
  },
  key: ['session', 'slot'],
});
export type CredentialsRow = RowOf<typeof credentialsSchema>;

/** Credentials as their session sees them. */
export interface Credentials {
  readonly value: Uint8Array;
  readonly linked: boolean;
}

/** A row whose checksum tells later whether it is still what was written. */
export const sealed = (session: string, slot: Slot, { value, linked }: Credentials): CredentialsRow => ({
  session,
  slot,
  value,
  linked: Number(linked),
  checksum: checksum(session, value, Number(linked)),
});

/**
 * The last readable credentials of a session, or null when it has none. When the current ones are damaged the previous
 * generation takes their place, unless that was from before the account was linked: a linked session would then show
 * a QR code. With nothing readable left it rejects with `CORRUPT_AUTH`.
 */
export const readCredentials = async (
  rows: Collection<CredentialsRow>,
  session: string,
  log: Log,
): Promise<Credentials | null> => {
  const found = await rows.find({ where: { session, slot: { in: ['current', 'previous'] } } });
  const current = found.find((row) => row.slot === 'current');
  const previous = found.find((row) => row.slot === 'previous');
  if (current !== undefined && isWhole(current)) return credentialsOf(current);
  if (current === undefined && previous === undefined) return null;
  const serves = previous !== undefined && isWhole(previous) && (previous.linked === 1 || current?.linked === 0);
  if (!serves) throw corruptAuth(session);
  log.warn({ session }, 'the stored credentials are damaged; their previous generation is used');
  return credentialsOf(previous);
};

/** Opens the collection of all sessions' credentials. */
export const openCredentials = (database: Database): Promise<Collection<CredentialsRow>> =>
  database.open(credentialsSchema);

const isWhole = (row: CredentialsRow): boolean => row.checksum === checksum(row.session, row.value, row.linked);

const credentialsOf = (row: CredentialsRow): Credentials => ({ value: row.value, linked: row.linked === 1 });

const checksum = (session: string, value: Uint8Array, linked: number): string =>
  createHash('sha256').update(`${session}\0${linked}\0`).update(value).digest('hex');
