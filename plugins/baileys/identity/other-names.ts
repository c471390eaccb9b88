import type { WAMessage as RawMessage } from '@whiskeysockets/baileys';
import type { MeInfo } from 'waha-runtime';
import { contentOf, contextOf } from '../messages/content.ts';
import type { OtherNames } from '../messages/identity.ts';
import { chatIdOf } from '../messages/ids.ts';
import type { LidMappings } from './lid-mappings.ts';

/** What is needed to know who is who. */
export interface Acquaintance {
  readonly names: Pick<LidMappings, 'of'>;
  me(): MeInfo | null;
}

/**
 * The other name of everybody that a message names and does not itself tell the other name of: who is mentioned, whom it quotes,
 * whom we wrote to, and ourselves. Most messages name nobody, and nothing is looked up for them.
 */
export const otherNamesIn = async (raw: RawMessage, { names, me }: Acquaintance): Promise<OtherNames> => {
  const content = contentOf(raw);
  const context = contextOf(content);
  const about = content.commentMessage?.targetMessageKey?.participant;
  // A message that came says itself who else its sender is; one that was just sent does not.
  const chat = raw.key.fromMe && !raw.key.remoteJidAlt ? raw.key.remoteJid : undefined;
  const named = [...(context?.mentionedJid ?? []), context?.participant, about, chat].flatMap((jid) => jid || []);
  return named.length > 0 || raw.key.fromMe ? otherNamesOf(named, { names, me }) : ownNames(me());
};

/** The other names of these people and of ourselves, by id in WAHA's form. */
export const otherNamesOf = async (
  jids: readonly (string | null | undefined)[],
  { names, me }: Acquaintance,
): Promise<OtherNames> => {
  const others = ownNames(me());
  const wanted = new Set(jids.flatMap((jid) => (jid ? [chatIdOf(jid)] : [])).filter((one) => !others.has(one)));
  await Promise.all(
    [...wanted].map(async (one) => {
      const other = await names.of(one);
      if (other) others.set(one, chatIdOf(other));
    }),
  );
  return others;
};

const ownNames = (me: MeInfo | null): Map<string, string> => {
  const { id, lid } = me ?? {};
  return id && lid
    ? new Map([
        [id, chatIdOf(lid)],
        [chatIdOf(lid), id],
      ])
    : new Map();
};
