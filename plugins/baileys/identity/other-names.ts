import type { WAMessage as RawMessage } from '@whiskeysockets/baileys';
import type { MeInfo } from 'waha-runtime';
import { contentOf, contextOf } from '../messages/content.ts';
import type { OtherNames } from '../messages/identity.ts';
import { chatIdOf } from '../messages/ids.ts';
import type { LidMappings } from './lid-mappings.ts';

const none: OtherNames = new Map();

/** What is needed to know who is who. */
export interface Acquaintance {
  readonly names: Pick<LidMappings, 'of'>;
  me(): MeInfo | null;
}

/**
 * The other name of everybody that a message names and does not itself tell the other name of: who is mentioned, whom it quotes,
 * whom we wrote to, and ourselves. Most messages name nobody, and cost nothing.
 */
export const otherNamesIn = async (raw: RawMessage, { names, me }: Acquaintance): Promise<OtherNames> => {
  const content = contentOf(raw);
  const context = contextOf(content);
  const about = content.commentMessage?.targetMessageKey?.participant;
  // A message that came says itself who else its sender is; one that was just sent does not.
  const chat = raw.key.fromMe && !raw.key.remoteJidAlt ? raw.key.remoteJid : undefined;
  const named = [...(context?.mentionedJid ?? []), context?.participant, about, chat].flatMap((jid) => jid || []);
  return named.length > 0 || raw.key.fromMe ? otherNamesOf(named, { names, me }) : none;
};

/** The other names of these people and of ourselves, by id in WAHA's form. */
export const otherNamesOf = async (
  jids: readonly (string | null | undefined)[],
  { names, me }: Acquaintance,
): Promise<OtherNames> => {
  const others = new Map<string, string>();
  const { id, lid } = me() ?? {};
  if (id && lid) others.set(id, chatIdOf(lid)).set(chatIdOf(lid), id);
  const wanted = new Set(jids.flatMap((jid) => (jid ? [chatIdOf(jid)] : [])).filter((one) => !others.has(one)));
  await Promise.all(
    [...wanted].map(async (one) => {
      const other = await names.of(one);
      if (other) others.set(one, chatIdOf(other));
    }),
  );
  return others;
};
