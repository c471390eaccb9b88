import { type BinaryNode, USyncQuery, USyncUser } from '@whiskeysockets/baileys';
import type { BaileysSocket } from './socket.ts';

/** Who was asked about: a phone number in digits, or a username. */
export type Asked = { readonly phone: string } | { readonly username: string };

/** Somebody whom WhatsApp has. */
export interface FoundContact {
  /** As it was asked: the digits, or the username. */
  readonly asked: string;
  /** The account's own: its number, or for a username its hidden id. */
  readonly jid: string;
}

/**
 * The protocol `contact` as today's WhatsApp Web speaks it (`WAWebUsyncContact`): usernames are asked for in the addressing mode
 * `lid`, and an answer repeats what was asked. Baileys' own has no addressing mode, and of the answer it keeps whether somebody is there, not
 * whom the question was about.
 */
const contactProtocol = (isByName: boolean) => ({
  name: 'contact',
  getQueryElement: (): BinaryNode => ({ tag: 'contact', attrs: isByName ? { addressing_mode: 'lid' } : {} }),
  getUserElement: ({ phone, username }: USyncUser): BinaryNode =>
    username
      ? { tag: 'contact', attrs: { username } }
      : { tag: 'contact', attrs: {}, ...(phone ? { content: phone } : {}) },
  parser: ({ attrs, content }: BinaryNode): { isThere: boolean; asked: string } => ({
    isThere: attrs['type'] === 'in',
    asked: attrs['username'] ?? textOf(content).replace(/\D/g, ''),
  }),
});

const textOf = (content: BinaryNode['content']): string =>
  typeof content === 'string' ? content : content instanceof Uint8Array ? Buffer.from(content).toString() : '';

/** Asks WhatsApp about several people in one question. Who is not there is left out; rejects when there is no answer. */
export const findContacts = async (
  sock: Pick<BaileysSocket, 'executeUSyncQuery'>,
  people: readonly Asked[],
): Promise<FoundContact[]> => {
  if (people.length === 0) return [];
  const query = new USyncQuery();
  query.protocols.push(contactProtocol(people.some((one) => 'username' in one)));
  for (const one of people) {
    const user = new USyncUser();
    query.withUser('phone' in one ? user.withPhone(`+${one.phone}`) : user.withUsername(one.username));
  }
  const answer = await sock.executeUSyncQuery(query);
  return (answer?.list ?? []).flatMap(({ id, contact }) => {
    const { isThere, asked } = (contact ?? {}) as Partial<ReturnType<ReturnType<typeof contactProtocol>['parser']>>;
    return isThere && asked ? [{ asked, jid: id }] : [];
  });
};
