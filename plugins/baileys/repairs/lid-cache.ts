import type { SignalRepositoryWithLIDStore } from '@whiskeysockets/baileys';
import { Recent } from '../recent.ts';

/** Entries, two for each person. */
const REMEMBERED = 40_000;

/**
 * Baileys remembers who is who of everybody it ever heard of for three days, with a timer for each of the two entries: 0.9 KB a
 * person, and one large group after the other brings people by the thousand. They are in the store as well, so here the newest
 * are remembered, and the others are read.
 */
export const boundHiddenIds = ({ lidMapping }: Pick<SignalRepositoryWithLIDStore, 'lidMapping'>): void => {
  Object.assign(lidMapping, { mappingCache: new Recent<string>(REMEMBERED) });
};
