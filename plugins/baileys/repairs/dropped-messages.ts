import { type BinaryNode, decodeMessageNode, proto, type WAMessage as RawMessage } from '@whiskeysockets/baileys';
import type { AuthState } from '../credentials/auth-state.ts';
import { Recent } from '../recent.ts';
import type { BaileysSocket } from '../socket/socket.ts';

const KEPT = 2000;
const { CIPHERTEXT } = proto.WebMessageInfo.StubType;

/**
 * Baileys acknowledges some messages and hands nothing out: pictures to be seen once and other things that only the phone gets
 * (`<unavailable/>`), what came too late to be asked for again, answers of bots, what was encrypted with a key that is used up.
 * Returns what is to be called when a stanza has been handled; `dropped` gets the message as far as its envelope tells of it,
 * and whether there was anything in it to decrypt.
 */
export const watchDropped = (
  sock: Pick<BaileysSocket, 'ev'>,
  { creds }: Pick<AuthState, 'creds'>,
  dropped: (raw: RawMessage, isSealed: boolean) => void,
): ((stanza: BinaryNode) => void) => {
  const handedOut = new Recent<true>(KEPT);
  sock.ev.on('messages.upsert', ({ messages }) => {
    for (const { key } of messages) if (key.id) handedOut.set(key.id, true);
  });
  return (stanza) => {
    const { id, category } = stanza.attrs;
    const { me } = creds;
    if (!id || !me || category === 'peer' || handedOut.has(id)) return;
    sock.ev.flush();
    if (handedOut.has(id)) return;
    handedOut.set(id, true);
    const raw = envelopeOf(stanza, me.id, me.lid ?? '');
    if (raw)
      dropped(
        raw,
        childrenOf(stanza).some(({ tag }) => tag === 'enc'),
      );
  };
};

const childrenOf = ({ content }: BinaryNode): BinaryNode[] => (Array.isArray(content) ? content : []);

/** Null for what Baileys cannot read either, which is logged where it fails. */
const envelopeOf = (stanza: BinaryNode, me: string, lid: string): RawMessage | null => {
  try {
    const { fullMessage } = decodeMessageNode(stanza, me, lid);
    const unavailable = childrenOf(stanza).find(({ tag }) => tag === 'unavailable');
    const isViewOnce = unavailable?.attrs['type']?.startsWith('view_once');
    const key = { ...fullMessage.key, ...(isViewOnce ? { isViewOnce } : {}) };
    return { ...fullMessage, key, messageStubType: CIPHERTEXT } as RawMessage;
  } catch {
    return null;
  }
};
