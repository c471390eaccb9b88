import { type BinaryNode, encodeWAMessage, proto, type UserFacingSocketConfig } from '@whiskeysockets/baileys';
import { isRuntimeError } from 'waha-runtime';
import type { SessionHistory, StoredMessage } from 'waha-runtime/engine';
import { chatIdOf } from '../messages/ids.ts';
import { recall } from '../messages/stored-message.ts';

type MakeRepository = NonNullable<UserFacingSocketConfig['makeSignalRepository']>;

/** Where a message is known from that was decrypted before. */
export interface KnownMessages {
  /** The stanza that a ciphertext of it is handled for. */
  stanzaOf(ciphertext: Uint8Array): BinaryNode | undefined;
  readonly history: Pick<SessionHistory, 'find'>;
}

/**
 * WhatsApp delivers again what was not confirmed: after a connection that was lost, and after every takeover in a cluster. The key of
 * such a message was used up when it came first, so decrypting it fails, and Baileys asks its sender for it again: a new session of Signal
 * for each, and hundreds of them when hundreds of messages waited. WhatsApp's own clients know what they have, and confirm it. So
 * does this: what cannot be decrypted, and is remembered, is what it was. It is published once, as every fact that comes again.
 */
export const knowingRepository =
  (known: KnownMessages, make: MakeRepository): MakeRepository =>
  (state, logger, findLids) => {
    const repository = make(state, logger, findLids);
    const orKnown = async (ciphertext: Uint8Array, decrypting: Promise<Uint8Array>): Promise<Uint8Array> => {
      try {
        return await decrypting;
      } catch (error) {
        // A store that fails says nothing of the message.
        if (isRuntimeError(error)) throw error;
        const plaintext = await plaintextOf(known, ciphertext).catch(() => null);
        if (plaintext === null) throw error;
        return plaintext;
      }
    };
    return {
      ...repository,
      decryptMessage: (options) => orKnown(options.ciphertext, repository.decryptMessage(options)),
      decryptGroupMessage: (options) => orKnown(options.msg, repository.decryptGroupMessage(options)),
    };
  };

const plaintextOf = async (
  { stanzaOf, history }: KnownMessages,
  ciphertext: Uint8Array,
): Promise<Uint8Array | null> => {
  const { attrs = {} } = stanzaOf(ciphertext) ?? {};
  const stored = attrs['id'] === undefined ? null : await history.find(attrs['id']);
  if (stored === null || !isOf(stored, attrs)) return null;
  const { message } = recall(stored);
  return message ? encodeWAMessage(proto.Message.fromObject(message)) : null;
};

/** Whoever writes may give a message the id of another one: it has to be of the same chat, and of the same author. */
const isOf = ({ chatId, participant, fromMe }: StoredMessage, attrs: BinaryNode['attrs']): boolean => {
  const names = (list: readonly (string | undefined)[]) => list.flatMap((jid) => (jid ? [chatIdOf(jid)] : []));
  // The account's own phone wrote it.
  const own = ['recipient', 'recipient_pn', 'recipient_lid'];
  const chats = names((fromMe ? own : ['from', 'sender_pn', 'sender_lid']).map((name) => attrs[name]));
  if (!chats.includes(chatId)) return false;
  if (participant === null) return attrs['participant'] === undefined;
  return names([attrs['participant'], attrs['participant_pn'], attrs['participant_lid']]).includes(participant);
};
