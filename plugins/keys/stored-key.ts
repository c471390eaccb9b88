import { hash, randomInt } from 'node:crypto';
import type { KeyActions, Principal, Right } from 'waha-runtime';
import type { RateLimit } from './schemas.ts';

/** A secret that a rotation took the place of. */
export interface PreviousSecret {
  readonly hash: string;
  /** ms since the epoch. */
  readonly until: number;
}

/** A key as it is kept. */
export interface StoredKey {
  readonly id: string;
  /** Of the secret, SHA-512, base64url. */
  readonly hash: string;
  /** The secret, encrypted; null when only its hash is kept. */
  readonly sealed: string | null;
  readonly isActive: boolean;
  readonly isAdmin: boolean;
  /** Names, and beginnings of names with a star; none for an admin key. */
  readonly sessions: readonly string[];
  readonly actions: KeyActions | null;
  readonly note: string | null;
  readonly expiresAt: number | null;
  readonly rateLimit: RateLimit | null;
  /** Null for a key of the YAML. */
  readonly createdAt: number | null;
  readonly lastUsedAt: number | null;
  /** What it was before it was rotated, the latest first, and until when each still opens. */
  readonly previous: readonly PreviousSecret[];
  /** What made it and alone may change it. */
  readonly owner: string | null;
}

/** What the first version kept: one secret, or null. */
type Kept = Omit<StoredKey, 'previous'> & { readonly previous: StoredKey['previous'] | PreviousSecret | null };

export const storedKeyOf = ({ previous, ...kept }: Kept): StoredKey => ({
  ...kept,
  previous: previous === null ? [] : 'hash' in previous ? [previous] : previous,
});

export const hashOf = (secret: string): string => hash('sha512', secret, 'base64url');

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** A secret nobody can guess: 190 bits. */
export const newSecret = (): string =>
  `key_${Array.from({ length: 32 }, () => letters[randomInt(letters.length)]).join('')}`;

/** What a key that names no actions may do. */
const usualRights: readonly Right[] = ['read', 'send', 'control', 'setting', 'app'];

const rightsOf = ({ isAdmin, actions }: StoredKey): Principal['rights'] => {
  if (isAdmin) return '*';
  if (actions === null) return usualRights;
  return [...usualRights, 'delete' as const].filter((right) => actions[right as keyof KeyActions] === true);
};

/** Who comes with this key. */
export const principalOf = (key: StoredKey, revoked: AbortSignal): Principal => ({
  name: key.id,
  sessions: key.isAdmin || key.sessions.includes('*') ? '*' : key.sessions,
  rights: rightsOf(key),
  admin: key.isAdmin,
  revoked,
});
