import { chatIdOf } from './ids.ts';

/** Who somebody is, under every name that is known; null where none is. */
export interface PersonIdentity {
  readonly id: string;
  readonly lid: string | null;
  readonly pn: string | null;
  readonly username: string | null;
}

/** Other names of people, by id in WAHA's form. */
export type OtherNames = ReadonlyMap<string, string>;

/** The names of a person from one of them and, when it is known, the other; null for what is no person. */
export const identityOf = (
  jid: string | null | undefined,
  alt?: string | null,
  username?: string | null,
): PersonIdentity | null => {
  if (!jid) return null;
  const names = [jid, alt].flatMap((name) => (name ? [chatIdOf(name)] : []));
  const [id = ''] = names;
  if (!isPerson(id)) return null;
  const named = (server: string) => names.find((name) => name.endsWith(server)) ?? null;
  return { id, lid: named('@lid'), pn: named('@c.us'), username: username || null };
};

const isPerson = (id: string): boolean => id.endsWith('@lid') || id.endsWith('@c.us');
