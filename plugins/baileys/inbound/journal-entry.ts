import type { Contact, WAMessage as RawMessage, SignalRepositoryWithLIDStore } from '@whiskeysockets/baileys';
import { BufferJSON, cleanMessage, decodeMessageNode, proto, unpadRandomMax16 } from '@whiskeysockets/baileys';
import { isMe } from '../credentials/me.ts';

/** What is stored of one ciphertext of a stanza. */
export interface JournalValue {
  /** The stanza's attributes: who, where, when. */
  readonly attrs: Readonly<Record<string, string>>;
  readonly plaintext: Uint8Array;
  /** When it was decrypted (ms), and the how manieth of its connection it was. */
  readonly at: number;
  readonly number: number;
}

export interface JournalEntry extends JournalValue {
  /** Its key in the store. */
  readonly id: string;
}

/** Reads a stored entry; null when it is damaged. */
export const readEntry = (id: string, bytes: Uint8Array): JournalEntry | null => {
  try {
    const value = JSON.parse(Buffer.from(bytes).toString('utf8'), BufferJSON.reviver) as JournalValue;
    return value.plaintext instanceof Uint8Array && typeof value.attrs?.['id'] === 'string' ? { ...value, id } : null;
  } catch {
    return null;
  }
};

const decoded = (plaintext: Uint8Array): proto.Message => proto.Message.decode(unpadRandomMax16(plaintext));

/** WhatsApp's talk with itself: history, keys, settings. Nothing of it is published. */
export const isOwnTalk = ({ attrs, plaintext }: JournalValue, me: Contact | undefined): boolean => {
  if (attrs['category'] === 'peer') return true;
  const author = attrs['participant'] ?? attrs['from'];
  if (!isMe(author, me)) return false;
  try {
    return decoded(plaintext).protocolMessage != null;
  } catch {
    return true;
  }
};

/** The message of these entries, which are all of one stanza, as Baileys would have handed it out. */
export const rebuild = async (
  entries: readonly JournalEntry[],
  me: Contact | undefined,
  repository: Pick<SignalRepositoryWithLIDStore, 'processSenderKeyDistributionMessage'> | undefined,
): Promise<RawMessage | null> => {
  const [first] = entries;
  if (!first || !me) return null;
  const stanza = { tag: 'message', attrs: { ...first.attrs }, content: [] };
  const { fullMessage, author } = decodeMessageNode(stanza, me.id, me.lid ?? '');
  for (const { plaintext } of entries) {
    const outer = decoded(plaintext);
    const inner = proto.Message.create(outer.deviceSentMessage?.message ?? outer);
    const item = inner.senderKeyDistributionMessage;
    if (item) await repository?.processSenderKeyDistributionMessage({ authorJid: author, item });
    fullMessage.message = Object.assign(fullMessage.message ?? {}, inner);
  }
  cleanMessage(fullMessage, me.id, me.lid ?? '');
  return fullMessage;
};
