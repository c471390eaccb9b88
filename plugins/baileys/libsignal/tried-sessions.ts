import { createRequire } from 'node:module';

/** A session as libsignal has it in memory. Keys are never changed in place, only replaced. */
interface Session {
  currentRatchet: object;
  _chains: Record<string, Chain>;
}

interface Chain {
  readonly chainKey: object;
  readonly messageKeys: object;
}

/** The class of libsignal that reads messages of a session. */
export interface CipherClass {
  readonly prototype: { doDecryptWhisperMessage(message: Buffer, session: Session | undefined): Promise<Buffer> };
}

const installed = Symbol.for('waha:baileys:tried-sessions');

/**
 * A device may have several sessions with us, and libsignal tries one after the other for a message. It turns the ratchet of each,
 * and makes a new key of ours for it, before the message says whether it belongs there, and then stores the sessions that it
 * tried in vain with the one that fits. When a message of an older session comes late, the newest is broken from then on: nobody
 * can read what we write in it. WhatsApp's own clients try a copy. Here a session gets back what it was when the message is not of it.
 * Safe to call twice.
 */
export const keepTriedSessions = ({ prototype }: CipherClass = cipherOfBaileys()): void => {
  if (Object.hasOwn(prototype, installed)) return;
  const { doDecryptWhisperMessage } = prototype;
  Object.defineProperty(prototype, installed, { value: true });
  prototype.doDecryptWhisperMessage = async function (message, session) {
    if (!session) return doDecryptWhisperMessage.call(this, message, session);
    const before = { currentRatchet: { ...session.currentRatchet }, _chains: copyOf(session._chains) };
    try {
      return await doDecryptWhisperMessage.call(this, message, session);
    } catch (error) {
      Object.assign(session, before);
      throw error;
    }
  };
};

const copyOf = (chains: Session['_chains']): Session['_chains'] =>
  Object.fromEntries(
    Object.entries(chains).map(([name, chain]) => [
      name,
      { ...chain, chainKey: { ...chain.chainKey }, messageKeys: { ...chain.messageKeys } },
    ]),
  );

/** The very copy that Baileys uses, wherever it is installed. */
const cipherOfBaileys = (): CipherClass => {
  const baileys = createRequire(import.meta.url).resolve('@whiskeysockets/baileys');
  return (createRequire(baileys)('libsignal') as { readonly SessionCipher: CipherClass }).SessionCipher;
};
