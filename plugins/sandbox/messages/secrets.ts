import { createCipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';

/** So many secrets of a sender are remembered. */
const KEPT = 500;
const NO_SALT = Buffer.alloc(0);

/** What a sealed change does to the message that it names. */
export type SealedChange = 'message' | 'event';

/** The use case of a sealed change: its name in the key derivation, and its type in the envelope. */
const useCases = {
  message: { name: 'Message Edit', type: proto.Message.SecretEncryptedMessage.SecretEncType.MESSAGE_EDIT },
  event: { name: 'Event Edit', type: proto.Message.SecretEncryptedMessage.SecretEncType.EVENT_EDIT },
} as const;

/** Messages that change others, or are between devices: phones give them no secret. */
const without = ['protocolMessage', 'reactionMessage', 'encReactionMessage', 'pollUpdateMessage'] as const;

/** The secrets of what somebody sent, by message id: later changes of a message are sealed with them. */
export class MessageSecrets {
  readonly #secrets = new Map<string, Uint8Array>();
  readonly #changed: (id: string) => void;

  /** `changed` is told of every secret that comes and goes. */
  constructor(changed: (id: string) => void = () => undefined) {
    this.#changed = changed;
  }

  /** The message with a secret of 32 bytes (`messageContextInfo.messageSecret`), as phones send it; the secret is kept. */
  give(id: string, message: proto.IMessage): proto.IMessage {
    if (without.some((name) => message[name]) || message.secretEncryptedMessage) return message;
    const messageSecret = message.messageContextInfo?.messageSecret ?? randomBytes(32);
    this.restore(id, messageSecret);
    this.#changed(id);
    const [oldest] = this.#secrets.keys();
    if (this.#secrets.size > KEPT && oldest !== undefined) {
      this.#secrets.delete(oldest);
      this.#changed(oldest);
    }
    return { ...message, messageContextInfo: { ...message.messageContextInfo, messageSecret } };
  }

  get(id: string): Uint8Array | undefined {
    return this.#secrets.get(id);
  }

  /** Takes up what was kept; it is the newest now. */
  restore(id: string, secret: Uint8Array): void {
    this.#secrets.delete(id);
    this.#secrets.set(id, secret);
  }
}

/** A message of one's own that is to be changed. */
export interface ChangedMessage {
  readonly key: proto.IMessageKey;
  readonly id: string;
  /** The sender's JID as the chat has it, without a device. */
  readonly sender: string;
  readonly secret: Uint8Array;
}

/**
 * Seals a change of one's own message, as phones do since May 2026: AES-256-GCM without additional data, under
 * HKDF-SHA256(the message's secret; id | author | editor | use case). docs/protocol.md, "Sealed edits".
 */
export function sealChange(
  { key, id, sender, secret }: ChangedMessage,
  kind: SealedChange,
  change: proto.IMessage,
  encIv: Uint8Array = randomBytes(12),
): proto.IMessage {
  const { name, type } = useCases[kind];
  const aes = Buffer.from(hkdfSync('sha256', secret, NO_SALT, `${id}${sender}${sender}${name}`, 32));
  const cipher = createCipheriv('aes-256-gcm', aes, encIv);
  const plain = proto.Message.encode(change).finish();
  const encPayload = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return { secretEncryptedMessage: { targetMessageKey: key, encPayload, encIv, secretEncType: type } };
}

/** The change itself: what an edit carries, sealed or not. `at` is milliseconds since 1970. */
export const editOf = (key: proto.IMessageKey, content: proto.IMessage, at: number): proto.IMessage => ({
  protocolMessage: {
    key,
    type: proto.Message.ProtocolMessage.Type.MESSAGE_EDIT,
    editedMessage: content,
    timestampMs: at,
  },
});
